import * as z from "zod";
import {
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiResponseObject,
  createDocument,
  createSchema,
} from "zod-openapi";
import packageJson from "../../../package.json" with { type: "json" };
import { VENUE_COUNT } from "../../../src/exchanges/venue-count.ts";
import type { Licence } from "../../../src/licence.ts";
import type { Access } from "../../access/caller.ts";
import { exampleOf } from "./example.ts";
import { HEADERS, headerRefs } from "./headers.ts";
import { withoutLimits } from "./without-limits.ts";
import { CONVENTIONS, WHAT_IT_IS } from "./info.ts";
import { parameterObjects } from "./parameters.ts";
import { asksWho, problemResponses, problemsOf } from "./problems.ts";
import { webhookEvents } from "./webhook-events.ts";
import { type Operation, type Success, TAGS } from "../http/operation.ts";
import { problemSchema } from "../schemas/problem.ts";
import { WEBHOOK_EVENTS } from "../schemas/webhook-event.ts";

export type OpenApiDocument = ReturnType<typeof createDocument>;

const requestIdHeader = {
  name: "X-Request-Id",
  in: "header",
  description: "Request id of your choice; the response returns it in the header of the same name.",
  schema: { type: "string", pattern: "^[\\w=-]{1,255}$" },
} as const;

/**
 * The OpenAPI 3.1 document of these operations, built from the schemas that validate their requests.
 * @param terms of the data, by the operator; null where none are stated
 */
export function openApiDocument(operations: readonly Operation[], terms: Licence | null = null): OpenApiDocument {
  const paths = Map.groupBy(operations, ({ path }) => path);
  const problems = Object.assign({}, ...operations.map((operation) => problemResponses(problemsOf(operation)).components)) as Record<
    string,
    ZodOpenApiResponseObject
  >;
  return createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Liquidations",
        version: packageJson.version,
        summary: `Forced liquidations of ${VENUE_COUNT} perpetual-futures venues, with the limits of what is known`,
        description: [...WHAT_IT_IS, ...CONVENTIONS].join("\n\n"),
        ...termsInfo(terms),
      },
      servers: [{ url: "/", description: "The Worker that serves this document" }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths: Object.fromEntries([...paths].map(([path, group]) => [path, pathItem(group)])),
      webhooks: webhookEvents(),
      components: {
        schemas: referredTo(),
        parameters: { "X-Request-Id": requestIdHeader },
        headers: HEADERS,
        responses: problems,
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "liq_…", description: "API key (`liq_…`) or the `ADMIN_TOKEN`." },
          apiKey: { type: "apiKey", in: "header", name: "X-API-Key", description: "API key or the `ADMIN_TOKEN` in a separate header." },
        },
      },
    },
    { override: withoutLimits },
  );
}

function termsInfo(terms: Licence | null): Pick<ZodOpenApiObject["info"], "license" | "contact" | "termsOfService"> {
  const { url = null, contact = null } = terms ?? {};
  const reached = contact === null ? {} : { contact: contact.includes("://") ? { url: contact } : { email: contact } };
  if (url === null) return { license: { name: "No license is granted", identifier: "LicenseRef-UNLICENSED" }, ...reached };
  return { license: { name: "Licence of the data", url }, termsOfService: url, ...reached };
}

/** Schemas that are only referred to by name: problems and webhook payloads. */
function referredTo(): NonNullable<ReturnType<typeof createSchema>["components"]> {
  const all = z.tuple([problemSchema, ...Object.values(WEBHOOK_EVENTS).map(({ data }) => data)]);
  return createSchema(all, { io: "output", opts: { override: withoutLimits } }).components;
}

function pathItem(operations: readonly Operation[]): ZodOpenApiPathItemObject {
  return Object.fromEntries(operations.map((operation) => [operation.method.toLowerCase(), operationObject(operation)]));
}

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { access, doc } = operation;
  const successes = Object.entries({ [doc.success.status]: doc.success, ...doc.alternatives });
  const isKnown = asksWho(operation);
  return {
    operationId: doc.id,
    tags: [doc.tag],
    summary: doc.summary,
    description: [doc.description, ACCESS_TEXTS[access], costText(operation)].filter((text) => text !== "").join("\n\n"),
    ...(isKnown ? { "x-cost": doc.cost ?? 1 } : {}),
    ...(doc.cacheSeconds === undefined ? {} : { "x-cache-seconds": doc.cacheSeconds }),
    security: isKnown ? security(doc.needs ?? access) : [],
    parameters: [
      ...parameterObjects("path", doc.params, doc.example.params),
      ...parameterObjects("query", doc.query, doc.example.query),
      ...parameterObjects("header", doc.headers),
      { $ref: "#/components/parameters/X-Request-Id" },
    ],
    ...(doc.body === null
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: doc.body, ...bodyExample(doc.example) } } } }),
    responses: {
      ...problemResponses(problemsOf(operation)).responses,
      ...Object.fromEntries(successes.map(([status, success]) => [status, responseObject(success, isKnown)])),
    },
  };
}

const ACCESS_TEXTS: Readonly<Record<Access, string>> = {
  open: "",
  read: "Requires the scope `read`, or no key while PUBLIC_READ is true.",
  export: "Requires the scope `export`.",
  webhooks: "Requires the scope `webhooks`.",
  rules: "Requires the scope `rules`.",
  admin: "Requires the scope `admin`.",
};

/** What the operation counts as, and how old its answers may be. */
function costText(operation: Operation): string {
  const { cost = 1, cacheSeconds } = operation.doc;
  const counts = asksWho(operation) && cost > 1 ? `Counts as ${cost} requests.` : "";
  if (cacheSeconds === undefined) return counts;
  return `${counts} An answer may come from a cache and be up to ${cacheSeconds} s old${counts === "" ? "" : "; then it counts as one request"}.`.trim();
}

/** OpenAPI 3.1 lets a scheme other than OAuth name the required role. */
function security(access: Access | "key"): Record<string, string[]>[] {
  const scopes = access === "open" || access === "key" ? [] : [access];
  const withKey = [{ bearer: scopes }, { apiKey: scopes }];
  return access === "open" || access === "read" ? [{}, ...withKey] : withKey;
}

function bodyExample({ body }: Operation["doc"]["example"]): { readonly example?: unknown } {
  return body === undefined ? {} : { example: body };
}

function responseObject({ description, content, headers }: Success, isCounted: boolean): ZodOpenApiResponseObject {
  const counted = isCounted ? (["RateLimit-Policy", "RateLimit"] as const) : [];
  const types = Object.entries(content).map(([type, schema]) => {
    if (schema === null) return [type, {}];
    return [type, type.endsWith("json") ? { schema, example: exampleOf(schema) } : { schema }];
  });
  return {
    description,
    headers: headerRefs(["X-Request-Id", ...counted, ...headers]),
    ...(types.length === 0 ? {} : { content: Object.fromEntries(types) }),
  };
}
