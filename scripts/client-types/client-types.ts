import openapiTS, { type OpenAPI3, astToString } from "openapi-typescript";

/**
 * openapi-typescript uses the compiler API of TypeScript 5, which TypeScript 7 does not have. This folder is an npm
 * workspace, so that it has its own TypeScript 5 beside the one that checks the project.
 */

/** One webhook event, discriminated by its `type`. */
const WEBHOOK_EVENT = `/** The body of a webhook's request; \`type\` tells the events apart. */
export type WebhookEvent = { [Type in keyof webhooks]: webhooks[Type]["post"]["requestBody"]["content"]["application/json"] }[keyof webhooks];
`;

/** The parts of an AsyncAPI document that types are made of. */
interface StreamDocument {
  readonly operations: { readonly sendFrame: { readonly messages: readonly { readonly $ref: string }[] } };
  readonly components: {
    readonly schemas: NonNullable<NonNullable<OpenAPI3["components"]>["schemas"]>;
    readonly messages: Readonly<Record<string, { readonly payload: { readonly $ref: string } }>>;
  };
}

/** Frames that answer the messages of a WebSocket; nobody can send one over server-sent events. */
const OF_WEBSOCKETS: ReadonlySet<string> = new Set(["answer", "error"]);

/**
 * The types of an API, from the text of its OpenAPI document: `paths` for openapi-fetch, a type for each schema under
 * its own name, and `WebhookEvent`.
 * @param streamText the AsyncAPI document of its live stream, for `StreamFrame` and a type for each frame; null without one
 */
export async function clientTypes(documentText: string, streamText: string | null): Promise<string> {
  const document = parse<OpenAPI3>(documentText);
  const stream = streamText === null ? null : parse<StreamDocument>(streamText);
  const { title, version } = document.info;
  const { components } = document;
  if (stream !== null) document.components = { ...components, schemas: { ...stream.components.schemas, ...components?.schemas } };
  // A field with a default is required in a response if the schema says so, and never in a request.
  const types = await openapiTS(document, { rootTypes: true, rootTypesNoSchemaPrefix: true, defaultNonNullable: false });
  const events = document.webhooks === undefined ? "" : `\n${WEBHOOK_EVENT}`;
  const frames = stream === null ? "" : `\n${streamFrame(stream)}`;
  return `// ${title} ${version}: generated from /openapi.json with \`npm run client-types\`.\n\n${astToString(types)}${events}${frames}`;
}

function parse<Document>(text: string): Document {
  return JSON.parse(text, (key, value: unknown) => withNamedProperties(key === "content" ? withoutExamples(value) : value)) as Document;
}

/** Leaves out the examples of whole bodies, which are most of the document: those of their fields stay. */
function withoutExamples(content: unknown): unknown {
  if (typeof content !== "object" || content === null) return content;
  const types = Object.entries(content as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    types.map(([type, media]) => {
      if (typeof media !== "object" || media === null || !("schema" in media)) return [type, media];
      const { example: _example, ...rest } = media as { readonly example?: unknown };
      return [type, rest];
    }),
  );
}

/** One frame of server-sent events, discriminated by its `type`. */
function streamFrame({ operations, components }: StreamDocument): string {
  const names = operations.sendFrame.messages.map(({ $ref }) => $ref.slice($ref.lastIndexOf("/") + 1));
  const types = names
    .filter((name) => !OF_WEBSOCKETS.has(name))
    .map((name) => components.messages[name]?.payload.$ref.replace("#/components/schemas/", "") ?? "never");
  return `/** A frame of the live stream as server-sent events; \`type\` tells the frames apart. */\nexport type StreamFrame = ${types.join(" | ")};\n`;
}

/**
 * Expands a map with known keys, one optional property per key: openapi-typescript ignores `propertyNames` and would
 * accept any key.
 */
function withNamedProperties(value: unknown): unknown {
  if (!isNamedMap(value)) return value;
  const { propertyNames, additionalProperties, ...schema } = value;
  return { ...schema, properties: Object.fromEntries(propertyNames.enum.map((name) => [name, additionalProperties])) };
}

interface NamedMap {
  readonly propertyNames: { readonly enum: readonly string[] };
  readonly additionalProperties: object;
}

function isNamedMap(value: unknown): value is NamedMap {
  const { propertyNames, additionalProperties } = (value ?? {}) as Partial<NamedMap>;
  return propertyNames?.enum !== undefined && typeof additionalProperties === "object";
}
