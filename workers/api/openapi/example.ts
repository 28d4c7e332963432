import * as z from "zod";

type JsonSchema = z.core.JSONSchema.JSONSchema;
type Definitions = Readonly<Record<string, JsonSchema>>;

/**
 * A value that fits a schema, built from the examples of its parts. A part without an example gets a neutral value of its
 * type, so a part whose values carry meaning needs an example of its own.
 */
export function exampleOf(schema: z.ZodType): unknown {
  const whole = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  return valueOf(whole, whole.$defs ?? {});
}

function valueOf(schema: JsonSchema, definitions: Definitions): unknown {
  const [example] = schema.examples ?? [];
  if (example !== undefined) return example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.$ref !== undefined) return valueOf(definitions[schema.$ref.replace("#/$defs/", "")] ?? {}, definitions);
  const [branch] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (branch !== undefined) return valueOf(branch as JsonSchema, definitions);
  switch (schema.type) {
    case "object":
      return objectOf(schema, definitions);
    case "array":
      return isSchema(schema.items) ? [valueOf(schema.items, definitions)] : [];
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 0, 0);
    case "boolean":
      return false;
    default:
      return null;
  }
}

function objectOf({ properties, additionalProperties, propertyNames }: JsonSchema, definitions: Definitions): object {
  const named = Object.entries(properties ?? {}).map(([name, schema]) => [name, valueOf(schema as JsonSchema, definitions)]);
  if (!isSchema(additionalProperties)) return Object.fromEntries(named);
  // A record: one entry stands for all.
  const names: readonly unknown[] = isSchema(propertyNames) ? (propertyNames.enum ?? []) : [];
  return { ...Object.fromEntries(named), [String(names[0] ?? "BTC")]: valueOf(additionalProperties, definitions) };
}

function textOf({ format, pattern }: JsonSchema): string {
  if (format === "date") return "2026-11-20";
  if (format === "date-time") return "2026-11-21T09:05:04.120Z";
  return pattern === SHA256 ? "5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652" : "…";
}
const SHA256 = "^[0-9a-f]{64}$";

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
