/** As much of JSON Schema as the API's document has. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
}

/** The TypeScript type of what fits a schema. Components are types of their own name. */
export function schemaType(schema: JsonSchema, indent = ""): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => schemaType(choice, indent)).join(" | ");
  if (schema.allOf !== undefined) {
    const { allOf, ...own } = schema;
    return [...allOf, ...(own.properties === undefined ? [] : [own])].map((part) => schemaType(part, indent)).join(" & ");
  }
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => schemaType({ ...schema, type }, indent)).join(" | ");
  switch (schema.type) {
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "array":
      return `Array<${schemaType(schema.items ?? {}, indent)}>`;
    case "object":
      return objectType(schema, indent);
    default:
      return "unknown";
  }
}

function objectType({ properties, required = [], additionalProperties, propertyNames }: JsonSchema, indent: string): string {
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(([name, schema]) => ({
      name,
      isRequired: required.includes(name),
      description: schema.description,
      type: schemaType(schema, `${indent}  `),
    }));
    return block(fields, indent);
  }
  const values = typeof additionalProperties === "object" ? schemaType(additionalProperties, indent) : "unknown";
  return propertyNames?.enum === undefined ? `{ [name: string]: ${values} }` : `{ [Name in ${schemaType(propertyNames)}]?: ${values} }`;
}

export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly description?: string | undefined;
  readonly type: string;
}

/** An object type, a field a line, with its description before it. */
export function block(fields: readonly Field[], indent: string): string {
  if (fields.length === 0) return "{}";
  const lines = fields.map(({ name, isRequired, description, type }) => {
    const key = /^[A-Za-z_$][\w$]*$|^\d+$/.test(name) ? name : JSON.stringify(name);
    return `${comment(description, `${indent}  `)}${indent}  ${key}${isRequired ? "" : "?"}: ${type};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** A description as a comment on the lines before what it describes. */
export function comment(description: string | undefined, indent: string): string {
  if (description === undefined || description === "") return "";
  const lines = description.replaceAll("*/", "*∕").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}
