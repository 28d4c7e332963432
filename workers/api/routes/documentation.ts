import * as z from "zod";
import { DOCS_PATH, docsPage } from "./docs-page.ts";
import { asyncApiDocument } from "../asyncapi/asyncapi-document.ts";
import { STREAM_DOCS_PATH, streamPage } from "./stream-page.ts";
import { llmsText } from "./llms-text.ts";
import { openApiDocument } from "../openapi/openapi-document.ts";
import { licenceOf } from "../../../src/licence.ts";
import type { Operation } from "../http/operation.ts";
import { textOperation } from "../http/text-operation.ts";

/**
 * The documentation of the API, including these operations.
 * @param all returns every operation; called on the first request
 */
export function documentationRoutes(all: () => readonly Operation[]): readonly Operation[] {
  return [
    textOperation({
      path: "/openapi.json",
      id: "getOpenApi",
      summary: "Get the OpenAPI document",
      description: "Returns this OpenAPI 3.1 document, built from the schemas that validate the requests.",
      contentType: "application/json",
      schema: z.looseObject({ openapi: z.literal("3.1.0") }).meta({ description: "An OpenAPI document." }),
      make: (config) => JSON.stringify(openApiDocument(all(), licenceOf(config))),
    }),
    textOperation({
      path: DOCS_PATH,
      id: "getDocs",
      summary: "Get the documentation page",
      description: "Returns an HTML page to read the documentation and to try every operation.",
      contentType: "text/html; charset=utf-8",
      schema: z.string(),
      make: docsPage,
    }),
    textOperation({
      path: "/asyncapi.json",
      id: "getAsyncApi",
      summary: "Get the AsyncAPI document",
      description: "Returns the AsyncAPI 3.1 document of the live stream, built from the schemas of its frames.",
      contentType: "application/json",
      schema: z.looseObject({ asyncapi: z.literal("3.1.0") }).meta({ description: "An AsyncAPI document." }),
      make: () => JSON.stringify(asyncApiDocument(all())),
    }),
    textOperation({
      path: STREAM_DOCS_PATH,
      id: "getStreamDocs",
      summary: "Get the page of the live stream",
      description: "Returns an HTML page that describes the frames, messages and close codes of the stream.",
      contentType: "text/html; charset=utf-8",
      schema: z.string(),
      make: () => streamPage(asyncApiDocument(all())),
    }),
    textOperation({
      path: "/llms.txt",
      id: "getLlmsText",
      summary: "Get the API guide for language models",
      description: "Returns Markdown in the format of https://llmstxt.org.",
      contentType: "text/markdown; charset=utf-8",
      schema: z.string(),
      make: (config) => llmsText(all(), licenceOf(config)),
    }),
  ];
}
