import openapiTS, { type OpenAPI3, astToString } from "openapi-typescript";

/**
 * openapi-typescript uses the compiler API of TypeScript 5, which TypeScript 7 does not have. This folder is an npm
 * workspace, so that it has its own TypeScript 5 beside the one that checks the project.
 */

/** One webhook event, discriminated by its `type`. */
const WEBHOOK_EVENT = `/** The body of a webhook's request; \`type\` tells the events apart. */
export type WebhookEvent = { [Type in keyof webhooks]: webhooks[Type]["post"]["requestBody"]["content"]["application/json"] }[keyof webhooks];
`;

/**
 * The types of an API, from the text of its OpenAPI document: `paths` for openapi-fetch, a type for each schema under
 * its own name, and `WebhookEvent`.
 */
export async function clientTypes(documentText: string): Promise<string> {
  const document = JSON.parse(documentText, (_key, value: unknown) => withNamedProperties(value)) as OpenAPI3;
  const { title, version } = document.info;
  // A field with a default is required in a response if the schema says so, and never in a request.
  const types = await openapiTS(document, { rootTypes: true, rootTypesNoSchemaPrefix: true, defaultNonNullable: false });
  const events = document.webhooks === undefined ? "" : `\n${WEBHOOK_EVENT}`;
  return `// ${title} ${version}: generated from /openapi.json with \`npm run client-types\`.\n\n${astToString(types)}${events}`;
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
