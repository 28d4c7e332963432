import { type Field, type JsonSchema, block, comment, schemaType } from "./schema-type.ts";

/** A reference among components. */
type Ref = { readonly $ref?: string };
type Named<Part> = Readonly<Record<string, Part>>;
type Content = Named<{ readonly schema?: JsonSchema }>;
type Response = Ref & { readonly content?: Content };
type Parameter = Ref &
  Omit<Field, "type" | "isRequired"> & { readonly in: string; readonly required?: boolean; readonly schema: JsonSchema };

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Named<Response>;
}

/** An OpenAPI document, as far as types are made of it. */
export interface Document {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Named<Named<Operation>>;
  readonly webhooks: Named<{ readonly post: Operation }>;
  readonly components: { readonly schemas: Named<JsonSchema>; readonly parameters: Named<Parameter>; readonly responses: Named<Response> };
}

/** The types of an API: `paths` as openapi-fetch wants it, what each webhook brings, and each schema under its own name. */
export function documentTypes({ info, paths, webhooks, components }: Document): string {
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  const parts = [
    `// ${info.title} ${info.version}: made of /openapi.json by \`npm run client-types\`.`,
    declaration("paths", fields(paths, pathType)),
    declaration(
      "operations",
      operations.map((operation) => field(operation.operationId, operationType(operation, components), wordsOf(operation))),
    ),
    declaration(
      "webhooks",
      Object.entries(webhooks).map(([type, { post }]) =>
        field(type, schemaType(post.requestBody?.content["application/json"]?.schema ?? {}, "  "), post.summary),
      ),
    ),
    ...Object.entries(components.schemas).map(
      ([name, schema]) => `${comment(schema.description, "")}export type ${name} = ${schemaType(schema)};`,
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

function declaration(name: string, members: readonly Field[]): string {
  return `export interface ${name} ${block(members, "")}`;
}

function pathType(item: Named<Operation>): string {
  return block(
    fields(item, ({ operationId }) => `operations["${operationId}"]`),
    "  ",
  );
}

function operationType({ parameters = [], requestBody, responses }: Operation, components: Document["components"]): string {
  const places = Map.groupBy(
    parameters.map((parameter) => referredTo(parameter, components.parameters)),
    (parameter) => parameter.in,
  );
  const body =
    requestBody === undefined ? [] : [field("requestBody", block([field("content", contentType(requestBody.content, "      "))], "    "))];
  const answers = fields(responses, (response) => {
    const { content } = referredTo(response, components.responses);
    return block([field("headers", "{ [name: string]: unknown }"), field("content", contentType(content, "        "))], "      ");
  });
  return block(
    [field("parameters", block([...places].map(placeField), "    ")), ...body, field("responses", block(answers, "    "))],
    "  ",
  );
}

function placeField([place, parameters]: readonly [string, readonly Parameter[]]): Field {
  const members = parameters.map(({ name, description, schema, required = false }) => ({
    ...field(name, schemaType(schema), description),
    isRequired: required,
  }));
  return { ...field(place, block(members, "      ")), isRequired: members.some(({ isRequired }) => isRequired) };
}

function contentType(content: Content | undefined, indent: string): string {
  return content === undefined
    ? "never"
    : block(
        fields(content, ({ schema }) => schemaType(schema ?? {}, `${indent}  `)),
        indent,
      );
}

function wordsOf({ summary, description }: Operation): string {
  return description === undefined ? summary : `${summary}\n\n${description}`;
}

/** What a reference among components refers to; what is none is itself. */
function referredTo<Part extends Ref>(part: Part, components: Named<Part>): Part {
  if (part.$ref === undefined) return part;
  const found = components[part.$ref.slice(part.$ref.lastIndexOf("/") + 1)];
  if (found === undefined) throw new RangeError(`the document has no ${part.$ref}`);
  return found;
}

function field(name: string, type: string, description?: string): Field {
  return { name, isRequired: true, type, description };
}

function fields<Part>(parts: Named<Part>, typeOf: (part: Part) => string): readonly Field[] {
  return Object.entries(parts).map(([name, part]) => field(name, typeOf(part)));
}
