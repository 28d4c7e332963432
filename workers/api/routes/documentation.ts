import * as z from "zod";
import { DOCS_PATH, docsPage } from "./docs-page.ts";
import { llmsText } from "./llms-text.ts";
import { openApiDocument } from "../openapi/openapi-document.ts";
import type { Operation } from "../http/operation.ts";
import { textOperation } from "../http/text-operation.ts";

/**
 * What the API says of itself, these routes included.
 * @param all every operation there is, asked for once the first request has come
 */
export function documentationRoutes(all: () => readonly Operation[]): readonly Operation[] {
  return [
    textOperation({
      path: "/openapi.json",
      id: "getOpenApi",
      summary: "This document",
      description: "OpenAPI 3.1, made of the schemas that read the requests.",
      contentType: "application/json",
      schema: z.looseObject({ openapi: z.literal("3.1.0") }).meta({ description: "An OpenAPI document." }),
      make: () => JSON.stringify(openApiDocument(all())),
    }),
    textOperation({
      path: DOCS_PATH,
      id: "getDocs",
      summary: "This document as a page",
      description: "For people: to read, and to try every route.",
      contentType: "text/html; charset=utf-8",
      schema: z.string(),
      make: docsPage,
    }),
    textOperation({
      path: "/llms.txt",
      id: "getLlmsText",
      summary: "What a language model has to know of this API",
      description: "Markdown, as https://llmstxt.org has it.",
      contentType: "text/markdown; charset=utf-8",
      schema: z.string(),
      make: () => llmsText(all()),
    }),
  ];
}
