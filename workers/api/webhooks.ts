import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { dnsOverHttps } from "../../src/webhooks/dns-over-https.ts";
import type { WebhookEvent } from "../../src/webhooks/event.ts";
import { shownAddress } from "../../src/webhooks/formats/format.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { readDeliveries } from "../webhooks/delivery-reads.ts";
import { type WebhookEndpoint, deleteEndpoint, endpointOfRequest, insertEndpoint, readEndpoints } from "../webhooks/endpoints.ts";
import type { ApiContext, ApiEnv } from "./api-env.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "./cursor.ts";
import { parameters } from "./parameters.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { adminAccess } from "./read-access.ts";
import { readBody } from "./read-body.ts";
import { jsonAnswer, readQuery } from "./read-route.ts";
import { type NewWebhook, newWebhook, readIdempotencyKey, targetOf } from "./webhook-parameters.ts";

const PATH = "/v1/webhooks";
const MAX_ENDPOINTS = 50;
const nothing = z.strictObject({});

const deliveriesQuery = z.strictObject({
  state: z.enum(["pending", "delivered", "failed"], { error: "one of pending, delivered, failed" }).optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});
const cursorPlace = z.tuple([z.int(), z.string()]);

/** Webhook endpoints and their deliveries, for who holds `ADMIN_TOKEN`. */
export function webhookRoutes(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(`${PATH}/*`, adminAccess);
  resource(app, PATH, { GET: list, POST: create });
  resource(app, `${PATH}/:id`, { GET: show, DELETE: remove });
  resource(app, `${PATH}/:id/test`, { POST: test });
  resource(app, `${PATH}/:id/rotate`, { POST: rotate });
  resource(app, `${PATH}/:id/enable`, { POST: enable });
  resource(app, `${PATH}/:id/deliveries`, { GET: deliveries });
  resource(app, `${PATH}/:id/deliveries/:delivery/replay`, { POST: replay });
  return app;
}

type Handler = (c: ApiContext) => Promise<Response>;

function resource(app: Hono<ApiEnv>, path: string, methods: Readonly<Record<string, Handler>>): void {
  for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
  const allowed = Object.keys(methods).join(", ");
  const problem = new ProblemError("method_not_allowed", `Allowed here: ${allowed}.`, { headers: { Allow: `${allowed}, OPTIONS` } });
  app.all(path, (c) => problemResponse(c, problem));
}

async function list(c: ApiContext): Promise<Response> {
  readQuery(c, nothing);
  const endpoints = await allEndpoints(c);
  return answer(c, endpoints, 200, { count: endpoints.length });
}

async function create(c: ApiContext): Promise<Response> {
  const key = readIdempotencyKey(c.req.header("Idempotency-Key"));
  const asked = await readBody(c, newWebhook);
  const request = key === null ? null : { key, hash: await queryFingerprint(PATH, asked) };
  const id = (await repeatedId(c, request)) ?? (await createEndpoint(c, asked, request));
  const secret = await c.env.WEBHOOK_OUTBOX.getByName(id).open(id, null);
  c.header("Location", `${PATH}/${id}`);
  return answer(c, { ...(await endpointNamed(c, id)), secret }, 201);
}

/** The endpoint this very request made before. */
async function repeatedId(c: ApiContext, request: { readonly key: string; readonly hash: string } | null): Promise<string | null> {
  if (request === null) return null;
  const before = await endpointOfRequest(c.env.DB, request.key, c.get("around").now() - DAY_MS);
  if (before === null || before.hash === request.hash) return before?.id ?? null;
  throw new ProblemError("idempotency_mismatch", "This Idempotency-Key came with another body before.");
}

async function createEndpoint(c: ApiContext, asked: NewWebhook, request: Parameters<typeof insertEndpoint>[2]): Promise<string> {
  const target = await targetOf(asked, c.get("config"), dnsOverHttps(fetch));
  const existing = await allEndpoints(c);
  if (existing.length >= MAX_ENDPOINTS)
    throw new ProblemError("conflict", `There are ${MAX_ENDPOINTS} endpoints, which is as many as there may be.`);
  const id = `whe_${crypto.randomUUID().replaceAll("-", "")}`;
  const { format, events, symbols, description } = asked;
  // The object first: an endpoint that is listed can deliver.
  await c.env.WEBHOOK_OUTBOX.getByName(id).open(id, target);
  const endpoint = { id, url: shownAddress(target), description: description ?? null, format, events, symbols };
  await insertEndpoint(c.env.DB, endpoint, request, c.get("around").now());
  return id;
}

async function show(c: ApiContext): Promise<Response> {
  readQuery(c, nothing);
  const endpoint = await endpointOf(c);
  const { pending, failures_in_a_row, previous_secret_until } = await outboxOf(c, endpoint).status();
  return answer(c, { ...endpoint, pending, failures_in_a_row, previous_secret_until });
}

async function remove(c: ApiContext): Promise<Response> {
  const endpoint = await endpointOf(c);
  if (endpoint.built_in) throw new ProblemError("conflict", `${endpoint.id} exists by configuration; unset its secrets to remove it.`);
  await deleteEndpoint(c.env.DB, endpoint.id);
  await outboxOf(c, endpoint).close();
  return c.body(null, 204);
}

async function test(c: ApiContext): Promise<Response> {
  const key = readIdempotencyKey(c.req.header("Idempotency-Key"));
  const endpoint = await endpointOf(c);
  if (endpoint.disabled_time !== null) throw disabledProblem(endpoint);
  const event: WebhookEvent = {
    id: `webhook.test:${key ?? crypto.randomUUID()}`,
    type: "webhook.test",
    time: c.get("around").now(),
    symbol: null,
    data: { endpoint_id: endpoint.id },
  };
  const outbox = outboxOf(c, endpoint);
  if (endpoint.built_in) await outbox.open(endpoint.id, null);
  return answer(c, { delivery_id: await outbox.enqueue(event) }, 202);
}

async function rotate(c: ApiContext): Promise<Response> {
  const key = readIdempotencyKey(c.req.header("Idempotency-Key"));
  const endpoint = await endpointOf(c);
  const outbox = outboxOf(c, endpoint);
  const secret = await outbox.rotate(key);
  if (secret === null)
    throw new ProblemError("conflict", `Deliveries in the format ${endpoint.format} are not signed: there is no secret to rotate.`);
  const { previous_secret_until } = await outbox.status();
  return answer(c, { secret, previous_secret_until });
}

async function enable(c: ApiContext): Promise<Response> {
  const endpoint = await endpointOf(c);
  await outboxOf(c, endpoint).enable();
  return answer(c, await endpointOf(c));
}

async function deliveries(c: ApiContext): Promise<Response> {
  const { id } = await endpointOf(c);
  const query = readQuery(c, deliveriesQuery);
  const fingerprint = await queryFingerprint(`${PATH}/${id}/deliveries`, query);
  const [time, from] = query.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ""] : decodeCursor(query.cursor, fingerprint, cursorPlace);
  const rows = await readDeliveries(c.env.DB, id, { time, id: from }, query.state ?? null, query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const next = rows.length > query.limit && last !== undefined ? encodeCursor(fingerprint, [last.created_time, last.id]) : null;
  return answer(c, shown, 200, { count: shown.length, next_cursor: next });
}

async function replay(c: ApiContext): Promise<Response> {
  const endpoint = await endpointOf(c);
  const delivery = c.req.param("delivery") ?? "";
  const outcome = await outboxOf(c, endpoint).replay(delivery);
  if (outcome === "unknown") throw new ProblemError("not_found", "This endpoint has no such delivery; deliveries are kept for 7 days.");
  if (outcome === "disabled") throw disabledProblem(endpoint);
  return answer(c, { delivery_id: delivery }, 202);
}

function allEndpoints(c: ApiContext): Promise<readonly WebhookEndpoint[]> {
  return readEndpoints(c.env.DB, c.get("config"), c.get("around").now());
}

function endpointOf(c: ApiContext): Promise<WebhookEndpoint> {
  return endpointNamed(c, c.req.param("id") ?? "");
}

async function endpointNamed(c: ApiContext, id: string): Promise<WebhookEndpoint> {
  const endpoint = (await allEndpoints(c)).find((one) => one.id === id);
  if (endpoint === undefined) throw new ProblemError("not_found", "There is no such webhook endpoint.");
  return endpoint;
}

function outboxOf(c: ApiContext, { id }: WebhookEndpoint) {
  return c.env.WEBHOOK_OUTBOX.getByName(id);
}

function disabledProblem({ disabled_reason, id }: WebhookEndpoint): ProblemError {
  return new ProblemError(
    "conflict",
    `The endpoint is disabled (${disabled_reason ?? "just now"}); POST ${PATH}/${id}/enable opens it again.`,
  );
}

function answer(
  c: ApiContext,
  data: unknown,
  status: ContentfulStatusCode = 200,
  meta: { readonly count?: number; readonly next_cursor?: string | null } = {},
): Response {
  c.status(status);
  return jsonAnswer(c, { data, meta: { ...meta, coverage: {}, gaps: [] } });
}
