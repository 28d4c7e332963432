import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Operation } from "../api/http/operation.ts";

type JsonSchema = Record<string, unknown>;

/** Rows a tool answers: what a model's context holds, less than a program's. */
export interface RowLimits {
  /** Unless another limit is given. */
  readonly usual: number;
  readonly most: number;
}

/**
 * A schema that clients are told and nothing is read by: the operation itself reads its parameters, and says in its own
 * words what is wrong with them. Every request has a server of its own, so the JSON Schema is made once and kept.
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

/** What a tool takes: the operation's parameters, those of its path among them. */
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

/** What a tool answers: the operation's whole body. */
export function outputSchema(schema: z.ZodType) {
  return advertised(() => jsonSchemaOf(schema, "output"));
}

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output") {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // What the API's document says in place of what zod would, as zod-openapi has it.
      Object.assign(jsonSchema, jsonSchema.override);
      delete jsonSchema.override;
      delete jsonSchema.examples;
      if (jsonSchema.type === "integer" && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.type === "integer" && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      // Fields may be added: a client that keeps its list of tools over a deployment still takes the answers.
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}
