import * as z from "zod";
import { dnsOverHttps } from "../../../src/webhooks/dns-over-https.ts";
import { webhookTest } from "../../../src/webhooks/make-event.ts";
import { shownAddress } from "../../../src/webhooks/formats/format.ts";
import { hasScope, ownerOf } from "../../access/caller.ts";
import { readKey, refusalOfKey } from "../../access/keys.ts";
import { type IdempotentRequest, earlierRequest } from "../../d1/idempotent-requests.ts";
import { readDeliveries } from "../../webhooks/delivery-reads.ts";
import { scannedTo } from "../../d1/scan-page.ts";
import {
  MAX_ENDPOINTS,
  MAX_OWN_ENDPOINTS,
  changeEndpoint,
  claimEndpoint,
  deleteEndpoint,
  listEndpoint,
} from "../../webhooks/endpoint-changes.ts";
import { type StoredEndpoint, type WebhookEndpoint, readEndpoints } from "../../webhooks/endpoints.ts";
import type { ApiContext } from "../http/api-env.ts";
import { openPage, placeName, placeTime } from "../http/page.ts";
import { idempotentRequest, madeBefore, ownedKey } from "../http/idempotency.ts";
import { emptyOperation, jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { requireAllCollected } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";
import {
  deliverySchema,
  madeWebhookSchema,
  queuedDeliverySchema,
  rotatedSecretSchema,
  webhookSchema,
  webhookStateSchema,
} from "../schemas/webhook.ts";
import {
  type AskedAssets,
  type NewWebhook,
  filterErrors,
  filterOf,
  namedAssets,
  newWebhook,
  requireTarget,
  targetOf,
  webhookChanges,
  withChanges,
} from "./webhook-parameters.ts";
import { newId } from "../../new-id.ts";

const PATH = "/v1/webhooks";

const deliveriesQuery = z.strictObject({
  state: z
    .enum(["pending", "delivered", "failed"], { error: "must be one of pending, delivered, failed" })
    .meta({ description: "State of the deliveries." })
    .optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});
const cursorPlace = z.tuple([placeTime, placeName]);
const endpointId = z.string().meta({ description: "Id of the webhook endpoint.", examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] });
const deliveryId = z.string().meta({ description: "Id of the delivery.", examples: ["msg_9b1f2d4c6e8a0b3d5f7a9c1e2b4d6f80"] });
const one = { params: z.strictObject({ id: endpointId }), problems: ["not_found"] } as const;
const ofWebhooks = { tag: "Webhooks", access: "webhooks" } as const;

/** Webhook endpoints and their deliveries, for callers with the scope `webhooks`: each manages its own, admins all. */
export const webhookRoutes: readonly Operation[] = [
  jsonOperation({
    ...ofWebhooks,
    path: PATH,
    id: "listWebhooks",
    summary: "List webhook endpoints",
    description:
      "Returns the webhook endpoints of the caller, oldest first; for admins all, including those that exist by configuration. There is only one page.",
    data: z.array(webhookSchema),
    answer: async (c) => {
      const endpoints = await endpointsInSight(c);
      return { data: endpoints.map(shown), meta: { count: endpoints.length } };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    method: "POST",
    path: PATH,
    id: "createWebhook",
    summary: "Create a webhook endpoint",
    status: 201,
    idempotent: true,
    body: newWebhook,
    answerHeaders: ["Location"],
    description: `Deliveries follow Standard Webhooks 1.0 and are signed with the secret in this response. The URL must use https and lead to a public address. At most ${MAX_ENDPOINTS} endpoints may exist, and ${MAX_OWN_ENDPOINTS} of an API key without the scope \`admin\`. Events about exports and endpoints reach their owner's endpoints and those of admins only.`,
    answered: "The endpoint is enabled.",
    problems: ["unknown_symbol", "conflict", "idempotency_mismatch"],
    example: { body: { url: "https://example.com/hooks/liquidations", events: ["signal.issued", "cascade.started"], symbols: ["BTC"] } },
    data: madeWebhookSchema,
    answer: async (c, { body, idempotencyKey }) => {
      const id = await claimedId(c, body, idempotencyKey);
      const outbox = c.env.WEBHOOK_OUTBOX.getByName(id);
      const secret = await outbox.open(id, targetOf(body));
      if (!(await listEndpoint(c.env.DB, id))) {
        await outbox.close();
        throw new ProblemError("conflict", "The endpoint was deleted while it was being created.");
      }
      c.header("Location", `${PATH}/${id}`);
      return { data: { ...shown(await endpointNamed(c, id)), secret }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    ...one,
    path: `${PATH}/{id}`,
    id: "getWebhook",
    summary: "Get a webhook endpoint",
    description: "Returns the endpoint, its pending deliveries, its consecutive failures, and how long the previous secret still signs.",
    data: webhookStateSchema,
    answer: async (c, { params }) => {
      const endpoint = await endpointNamed(c, params.id);
      const { pending, consecutive_failures, not_sent, previous_secret_expires_time } = await outboxOf(c, endpoint).status();
      return { data: { ...shown(endpoint), pending, consecutive_failures, not_sent, previous_secret_expires_time }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    ...one,
    method: "PATCH",
    path: `${PATH}/{id}`,
    id: "updateWebhook",
    summary: "Update a webhook endpoint",
    description:
      "Changes the filters, updates or the description; what the body omits stays. Another URL or format needs another endpoint.",
    body: webhookChanges,
    problems: ["not_found", "unknown_symbol"],
    example: { body: { events: ["signal.issued"] } },
    data: webhookSchema,
    answer: async (c, { params, body }) => {
      const endpoint = await endpointNamed(c, params.id);
      const { id } = endpoint;
      const errors = filterErrors(withChanges(endpoint, body));
      if (errors.length > 0) throw badParameters(errors);
      await requireFilterCollected(c, body);
      await changeEndpoint(c.env.DB, id, body);
      return { data: shown(await endpointNamed(c, id)), meta: {} };
    },
  }),
  emptyOperation({
    ...ofWebhooks,
    ...one,
    method: "DELETE",
    path: `${PATH}/{id}`,
    id: "deleteWebhook",
    summary: "Delete a webhook endpoint",
    description:
      "Deletes the endpoint, its pending deliveries and its log. An endpoint that exists by configuration cannot be deleted; unset its secrets instead.",
    problems: ["not_found", "conflict"],
    act: async (c, { params }) => {
      const endpoint = await endpointNamed(c, params.id);
      if (endpoint.built_in) throw new ProblemError("conflict", `${endpoint.id} exists by configuration; unset its secrets to remove it.`);
      await deleteEndpoint(c.env, endpoint.id);
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    ...one,
    method: "POST",
    path: `${PATH}/{id}/test`,
    id: "testWebhook",
    summary: "Send a test event",
    description: "Queues an event of the type `webhook.test`. It passes every filter and is retried like any other event.",
    answered: "The delivery is queued.",
    status: 202,
    idempotent: true,
    problems: ["not_found", "conflict"],
    data: queuedDeliverySchema,
    answer: async (c, { params, idempotencyKey }) => {
      const endpoint = await endpointNamed(c, params.id);
      if (endpoint.disabled_time !== null) throw disabledProblem(endpoint);
      const key = idempotencyKey === null ? crypto.randomUUID() : ownedKey(c.get("caller"), idempotencyKey);
      const event = webhookTest(endpoint.id, key, c.get("deps").now());
      const outbox = outboxOf(c, endpoint);
      if (endpoint.built_in) await outbox.open(endpoint.id, null);
      return { data: { delivery_id: await outbox.enqueue(event, endpoint.updates) }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    ...one,
    method: "POST",
    path: `${PATH}/{id}/rotate`,
    id: "rotateWebhookSecret",
    summary: "Rotate the signing secret",
    description: "Creates a new secret. For 24 h deliveries carry signatures by both secrets, so that receivers can switch at any time.",
    idempotent: true,
    problems: ["not_found", "conflict"],
    data: rotatedSecretSchema,
    answer: async (c, { params, idempotencyKey }) => {
      const endpoint = await endpointNamed(c, params.id);
      const outbox = outboxOf(c, endpoint);
      const secret = await outbox.rotate(idempotencyKey === null ? null : ownedKey(c.get("caller"), idempotencyKey));
      if (secret === null)
        throw new ProblemError("conflict", `Deliveries in the format ${endpoint.format} are not signed, so there is no secret to rotate.`);
      const { previous_secret_expires_time } = await outbox.status();
      return { data: { secret, previous_secret_expires_time }, meta: {} };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    ...one,
    method: "POST",
    path: `${PATH}/{id}/enable`,
    id: "enableWebhook",
    summary: "Enable a disabled endpoint",
    description:
      "A response of 410 disables an endpoint, and so do 20 consecutive failures over at least 24 h. Pending deliveries are attempted again.",
    problems: ["not_found", "conflict"],
    data: webhookSchema,
    answer: async (c, { params }) => {
      const endpoint = await endpointNamed(c, params.id);
      const key = await readKey(c.env.DB, endpoint.owner);
      const refusal = key === null ? null : refusalOfKey(key, c.get("deps").now());
      if (refusal !== null) throw new ProblemError("conflict", `The endpoint belongs to an API key that has ended. ${refusal}`);
      await outboxOf(c, endpoint).enable();
      return { data: shown(await endpointNamed(c, params.id)), meta: {} };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    ...one,
    path: `${PATH}/{id}/deliveries`,
    id: "listDeliveries",
    summary: "List deliveries",
    description: "Returns the deliveries of an endpoint, newest first, each with its latest 20 attempts. Deliveries are kept for 7 days.",
    query: deliveriesQuery,
    data: z.array(deliverySchema),
    answer: async (c, { params, query }) => {
      const { id } = await endpointNamed(c, params.id);
      const page = await openPage(`${PATH}/${id}/deliveries`, query, cursorPlace);
      const after = page.after === null ? null : { time: page.after[0], name: page.after[1] };
      const found = await readDeliveries(c.env.DB, id, after, query.state ?? null, page.rowsToRead);
      const { rows, next_cursor } = page.close(found.rows, (last) => [last.created_time, last.id], found.stoppedAt);
      return { data: rows, meta: { count: rows.length, next_cursor, scanned_to: scannedTo(found) } };
    },
  }),
  jsonOperation({
    ...ofWebhooks,
    method: "POST",
    path: `${PATH}/{id}/deliveries/{delivery}/replay`,
    id: "replayDelivery",
    summary: "Replay a delivery",
    status: 202,
    description: "Delivers the event again under the same `webhook-id`, starting with the first attempt, whatever its state.",
    answered: "The delivery is queued.",
    params: z.strictObject({ id: endpointId, delivery: deliveryId }),
    problems: ["not_found", "conflict"],
    data: queuedDeliverySchema,
    answer: async (c, { params: { id, delivery } }) => {
      const endpoint = await endpointNamed(c, id);
      const outcome = await outboxOf(c, endpoint).replay(delivery);
      if (outcome === "unknown") throw new ProblemError("not_found", "This delivery does not exist; deliveries are kept for 7 days.");
      if (outcome === "disabled") throw disabledProblem(endpoint);
      return { data: { delivery_id: delivery }, meta: {} };
    },
  }),
];

/** The id of the endpoint that an earlier request with the same key created, or of a new one, which may not be listed yet. */
async function claimedId(c: ApiContext, asked: NewWebhook, idempotencyKey: string | null): Promise<string> {
  const request = await idempotentRequest(PATH, asked, idempotencyKey);
  const before = await repeatedId(c, request);
  if (before !== null) return before;
  const isAdmin = hasScope(c.get("caller"), "admin");
  const target = targetOf(asked);
  await requireFilterCollected(c, asked);
  await requireTarget(target, isAdmin, c.get("config"), dnsOverHttps(fetch));
  const id = newId("whe");
  const of = { id, owner: ownerOf(c.get("caller")), seesAll: isAdmin };
  const endpoint = { ...of, url: shownAddress(target), description: asked.description ?? null, ...filterOf(asked) };
  if (await claimEndpoint(c.env.DB, endpoint, request, c.get("deps").now())) return id;
  // The same request may have come twice at once: the one that was inserted counts.
  const made = await repeatedId(c, request);
  if (made !== null) return made;
  throw new ProblemError(
    "conflict",
    isAdmin
      ? `There are ${MAX_ENDPOINTS} webhook endpoints already, the maximum.`
      : `There are ${MAX_OWN_ENDPOINTS} webhook endpoints of this API key already, or ${MAX_ENDPOINTS} in all, the maximum.`,
  );
}

/** Base assets that are not collected are refused. */
async function requireFilterCollected(c: ApiContext, { symbols = [], min_usd = null, min_flow_usd = null }: AskedAssets): Promise<void> {
  await requireAllCollected(c, symbols, false);
  await requireAllCollected(c, namedAssets(min_usd), false, "min_usd");
  await requireAllCollected(c, namedAssets(min_flow_usd), false, "min_flow_usd");
}

/** The endpoint that an earlier request of the caller with the same key created. */
async function repeatedId(c: ApiContext, request: IdempotentRequest | null): Promise<string | null> {
  if (request === null) return null;
  const earlier = await earlierRequest(c.env.DB, "webhook_endpoints", request, ownerOf(c.get("caller")), c.get("deps").now());
  return earlier === null ? null : madeBefore(earlier, request);
}

/** The endpoints that the caller manages: its own, or all for admins. */
async function endpointsInSight(c: ApiContext): Promise<readonly StoredEndpoint[]> {
  const endpoints = await readEndpoints(c.env.DB, c.get("config"), c.get("deps").now());
  const caller = c.get("caller");
  return hasScope(caller, "admin") ? endpoints : endpoints.filter(({ owner }) => owner === ownerOf(caller));
}

/** Endpoints of other owners are reported as missing. */
async function endpointNamed(c: ApiContext, id: string): Promise<StoredEndpoint> {
  const endpoint = (await endpointsInSight(c)).find((known) => known.id === id);
  if (endpoint === undefined) throw new ProblemError("not_found", "This webhook endpoint does not exist.");
  return endpoint;
}

function shown({ seesAll: _seesAll, ...endpoint }: StoredEndpoint): WebhookEndpoint {
  return endpoint;
}

function outboxOf(c: ApiContext, { id }: WebhookEndpoint) {
  return c.env.WEBHOOK_OUTBOX.getByName(id);
}

function disabledProblem({ disabled_reason, id }: WebhookEndpoint): ProblemError {
  return new ProblemError(
    "conflict",
    `The endpoint is disabled (${disabled_reason ?? "just now"}); POST ${PATH}/${id}/enable enables it again.`,
  );
}
