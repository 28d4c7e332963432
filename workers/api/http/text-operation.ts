import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { digestOf, ifNoneMatch, isNamedBy } from "./entity-tag.ts";
import type { Operation, Success } from "./operation.ts";
import { readHeaders, readQuery } from "./read-parameters.ts";

const none = z.strictObject({});
const conditionalHeaders = z.object({ "If-None-Match": ifNoneMatch });
const unchanged: Success = {
  status: 304,
  description: "The document is unchanged since the version in `If-None-Match`.",
  content: {},
  headers: ["ETag"],
};

interface TextOperation extends Pick<Operation["doc"], "id" | "summary" | "description"> {
  readonly path: string;
  /** With the charset, unless it is JSON. */
  readonly contentType: string;
  readonly schema: z.ZodType;
  /** Called once per isolate and configuration, because the text is the same for every caller. */
  readonly make: (config: Config) => string;
}

interface MadeText {
  readonly text: string;
  readonly etag: string;
}

/** A document with a strong ETag that stays the same until the next deployment. */
export function textOperation({ path, contentType, schema, make, ...doc }: TextOperation): Operation {
  const made = new WeakMap<Config, Promise<MadeText>>();
  const [mediaType = contentType] = contentType.split(";");
  return {
    method: "GET",
    path,
    access: "open",
    doc: {
      ...doc,
      tag: "Documentation",
      params: none,
      query: none,
      headers: conditionalHeaders,
      body: null,
      success: { status: 200, description: "The document.", content: { [mediaType]: schema }, headers: ["ETag"] },
      alternatives: { 304: unchanged },
      problems: [],
      example: {},
    },
    async handle(c) {
      readQuery(c, none);
      readHeaders(c, conditionalHeaders);
      const config = c.get("config");
      const text = made.get(config) ?? tagged(make(config));
      made.set(config, text);
      const { text: body, etag } = await text;
      c.header("ETag", etag);
      c.header("Cache-Control", "public, max-age=300");
      if (isNamedBy(c.req.header("If-None-Match"), etag)) return c.body(null, 304);
      return c.body(body, 200, { "Content-Type": contentType });
    },
  };
}

async function tagged(text: string): Promise<MadeText> {
  return { text, etag: `"${await digestOf(text)}"` };
}
