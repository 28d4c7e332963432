import * as z from "zod";
import {
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiResponseObject,
  createDocument,
  createSchema,
} from "zod-openapi";
import packageJson from "../../../package.json" with { type: "json" };
import { VENUE_COUNT } from "../../../src/exchanges/venue-count.ts";
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

/** The OpenAPI 3.1 document of these operations, built from the schemas that validate their requests. */
export function openApiDocument(operations: readonly Operation[]): OpenApiDocument {
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
        license: { name: "No license is granted", identifier: "LicenseRef-UNLICENSED" },
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
    description: `${doc.description}\n\n${ACCESS_TEXTS[access]}`.trim(),
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
  admin: "Requires the scope `admin`.",
};

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
