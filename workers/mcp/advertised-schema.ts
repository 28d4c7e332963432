import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Operation } from "../api/http/operation.ts";
import { outlineSchema } from "./outline-schema.ts";

type JsonSchema = Record<string, unknown>;

/** How many rows a tool returns: fewer than the API, because a model's context holds less. */
export interface RowLimits {
  /** The default limit. */
  readonly usual: number;
  readonly most: number;
}

/**
 * A schema that is only advertised to clients. The operation itself validates its parameters and words the errors. Every
 * request creates a server, so the JSON Schema is built once and kept.
 */
function advertised(make: () => JsonSchema): StandardSchemaWithJSON<Record<string, unknown>> {
  let made: JsonSchema | undefined;
  const jsonSchema = () => (made ??= make());
  return {
    "~standard": {
      version: 1,
      vendor: "liquidations",
      validate: (value) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

/** The arguments of a tool: the operation's query and path parameters. */
export function inputSchema({ doc }: Operation, rows: RowLimits | null, without: ReadonlySet<string>) {
  return advertised(() => {
    const shape: Readonly<Record<string, z.core.$ZodType>> = { ...doc.params.shape, ...doc.query.shape };
    const taken = Object.fromEntries(Object.entries(shape).filter(([name]) => !without.has(name)));
    const schema = jsonSchemaOf(z.strictObject(taken), "input");
    const limit = schema.properties?.limit;
    if (rows === null || typeof limit !== "object") return schema;
    return { ...schema, properties: { ...schema.properties, limit: { ...limit, maximum: rows.most, default: rows.usual } } };
  });
}

/** The result of a tool: the operation's complete response body, in outline and with readable times. */
export function outputSchema(schema: z.ZodType) {
  return advertised(() => outlineSchema(jsonSchemaOf(schema, "output")));
}

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output") {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // The same overrides as in the OpenAPI document, where zod-openapi applies them.
      Object.assign(jsonSchema, jsonSchema.override);
      delete jsonSchema.override;
      delete jsonSchema.examples;
      if (jsonSchema.type === "integer" && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.type === "integer" && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      // Fields may be added: a client that keeps its list of tools over a deployment must still accept the results.
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}
