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

function shapeOf(body: z.ZodType | null): Readonly<Record<string, z.core.$ZodType>> {
  return body instanceof z.ZodObject ? body.shape : {};
}

/** The arguments of a tool: the operation's query and path parameters, or the fields of its body. */
export function inputSchema({ doc }: Operation, rows: RowLimits | null, without: ReadonlySet<string>) {
  return advertised(() => {
    const shape: Readonly<Record<string, z.core.$ZodType>> = { ...doc.params.shape, ...doc.query.shape, ...shapeOf(doc.body) };
    const taken = Object.fromEntries(Object.entries(shape).filter(([name]) => !without.has(name)));
    const schema = withoutNulls(jsonSchemaOf(z.strictObject(taken), "input"));
    const limit = schema.properties?.limit;
    if (rows === null || typeof limit !== "object") return schema;
    return { ...schema, properties: { ...schema.properties, limit: { ...limit, maximum: rows.most, default: rows.usual } } };
  });
}

/** A tool takes null for an argument that is not given, whatever the argument, so none says so. */
function withoutNulls(schema: ReturnType<typeof jsonSchemaOf>): ReturnType<typeof jsonSchemaOf> {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const [only, none] = typeof property === "object" ? (property.anyOf ?? []) : [];
    if (typeof property !== "object" || typeof only !== "object" || typeof none !== "object" || none.type !== "null")
      return [name, property];
    const { anyOf: _anyOf, default: _default, ...rest } = property;
    return [name, { ...only, ...rest }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** The result of a tool: the operation's complete response body, in outline and with readable times. */
export function outputSchema(schema: z.ZodType) {
  return advertised(() => outlineSchema(jsonSchemaOf(schema, "output")));
}

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output") {
  // Without the dialect, which is the protocol's own.
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // The same overrides as in the OpenAPI document, where zod-openapi applies them.
      const { override } = jsonSchema;
      if (typeof override === "object" && override !== null && "type" in override) delete jsonSchema.anyOf;
      Object.assign(jsonSchema, jsonSchema.override);
      delete jsonSchema.override;
      delete jsonSchema.examples;
      // Lengths and patterns are for the operation's own errors, which say what is allowed.
      for (const name of ["minLength", "maxLength", "pattern"] as const) delete jsonSchema[name];
      if (jsonSchema.type === "integer" && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.type === "integer" && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      // Fields may be added: a client that keeps its list of tools over a deployment must still accept the results.
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return made;
}
