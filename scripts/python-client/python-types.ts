import { type Schema, docText, pascalCase, referenceName } from "./schema.ts";

const BASIC: Readonly<Record<string, string>> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  null: "None",
  object: "dict[str, Any]",
};

const KEYWORDS: ReadonlySet<string> = new Set(["from", "in", "is", "not", "or", "and", "class", "def", "for", "if", "else", "with", "as"]);

function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text) && !KEYWORDS.has(text);
}

/** Turns schemas into Python: an object becomes a `TypedDict`, under its own name or that of the place where it stands. */
export class PythonTypes {
  readonly #classes = new Map<string, string>();

  /** The definitions so far, in an order in which each is independent of the next. */
  get definitions(): readonly string[] {
    return [...this.#classes.values()];
  }

  /** Defines a schema under a name. */
  define(name: string, schema: Schema): void {
    if (this.#classes.has(name)) return;
    if (schema.properties !== undefined) {
      this.#defineObject(name, schema);
      return;
    }
    const type = this.expression(schema, name);
    this.#classes.set(name, `${name} = ${type}${schema.description === undefined ? "" : `\n"""${docText(schema.description)}"""`}\n`);
  }

  /** @param place the name of an object that has none of its own */
  expression(schema: Schema, place: string): string {
    const reference = referenceName(schema);
    if (reference !== null) return reference;
    if (schema.const !== undefined) return literal([schema.const]);
    if (schema.enum !== undefined) return literal(schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return union(choices.map((choice) => this.expression(choice, place)));
    if (Array.isArray(schema.type)) return union(schema.type.map((type: string) => this.expression({ ...schema, type }, place)));
    if (schema.type === "array") return `list[${this.expression(schema.items ?? {}, `${place}Item`)}]`;
    if (schema.properties !== undefined) {
      this.#defineObject(place, schema);
      return place;
    }
    if (typeof schema.additionalProperties === "object")
      return `dict[str, ${this.expression(schema.additionalProperties, `${place}Value`)}]`;
    return BASIC[String(schema.type)] ?? "Any";
  }

  #defineObject(name: string, { properties = {}, required = [], description }: Schema): void {
    const fields = Object.entries(properties).map(([field, schema]) => {
      const type = this.expression(schema, `${name}${pascalCase(field)}`);
      return { field, type: required.includes(field) ? type : `NotRequired[${type}]`, description: schema.description };
    });
    const isClass = fields.every(({ field }) => isName(field));
    this.#classes.set(name, isClass ? asClass(name, fields, description) : asCall(name, fields, description));
  }
}

interface Field {
  readonly field: string;
  readonly type: string;
  readonly description: string | undefined;
}

function asClass(name: string, fields: readonly Field[], description: string | undefined): string {
  const doc = description === undefined ? "" : `    """${docText(description)}"""\n\n`;
  const lines = fields.map(
    ({ field, type, description: text }) => `    ${field}: ${type}\n${text === undefined ? "" : `    """${docText(text)}"""\n`}`,
  );
  return `class ${name}(TypedDict):\n${doc}${lines.join("") || "    pass\n"}`;
}

/** Keys such as `from` and `15m` cannot be attributes of a class. */
function asCall(name: string, fields: readonly Field[], description: string | undefined): string {
  const doc = description === undefined ? "" : `\n"""${docText(description)}"""`;
  const lines = fields.map(({ field, type }) => `    ${JSON.stringify(field)}: ${JSON.stringify(type).replaceAll('\\"', "'")},\n`);
  return `${name} = TypedDict("${name}", {\n${lines.join("")}})${doc}\n`;
}

function literal(values: readonly (string | number | boolean)[]): string {
  return `Literal[${values.map((value) => (typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value))).join(", ")}]`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}
