import { isTimeName } from "./readable-times.ts";

type Schema = Readonly<Record<string, unknown>>;

/**
 * An outline of the JSON Schema of a response: the fields of `data`, or of its rows, with their types where they are
 * few. A model is given
 * the list of all tools before its first call, and the whole schemas would take most of it; they are in `/openapi.json`.
 * Times are texts, as `withReadableTimes` makes them.
 */
export function outlineSchema(whole: Schema): Schema {
  const definitions = objectIn(whole["$defs"]);
  const data = resolve(objectIn(objectIn(whole["properties"])["data"]), definitions);
  const outline =
    data["type"] === "array" ? { type: "array", items: outlineOf(objectIn(data["items"]), definitions) } : outlineOf(data, definitions);
  return { type: "object", properties: { data: outline, meta: { type: "object" } }, required: ["data", "meta"] };
}

/** Of an object with more fields than this, the outline has their names alone. */
const MAX_TYPED_FIELDS = 7;

/** The fields of an object, with nothing of what is inside them. */
function outlineOf(schema: Schema, definitions: Schema): Schema {
  const fields = Object.entries(objectIn(resolve(schema, definitions)["properties"]));
  const isLong = fields.length > MAX_TYPED_FIELDS;
  const outlines = fields.map(([name, field]) => [name, isLong ? {} : fieldOutline(name, objectIn(field), definitions)]);
  return { type: "object", properties: Object.fromEntries(outlines) };
}

function fieldOutline(name: string, field: Schema, definitions: Schema): Schema {
  const types = typesOf(field, definitions).map((type) => (type === "integer" && isTimeName(name) ? "string" : type));
  const [type, ...others] = new Set(types);
  if (type === undefined) return {};
  return { type: others.length === 0 ? type : [type, ...others] };
}

/** The types that a value may have; empty where any. */
function typesOf(schema: Schema, definitions: Schema): readonly unknown[] {
  const { type, anyOf, enum: values, const: value } = resolve(schema, definitions);
  if (Array.isArray(anyOf)) return anyOf.flatMap((one: unknown) => typesOf(objectIn(one), definitions));
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  return (Array.isArray(values) ? values : value === undefined ? [] : [value]).map((one: unknown) => (one === null ? "null" : typeof one));
}

function resolve(schema: Schema, definitions: Schema): Schema {
  const { $ref } = schema;
  return typeof $ref === "string" ? resolve(objectIn(definitions[$ref.replace("#/$defs/", "")]), definitions) : schema;
}

function objectIn(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {};
}
