import * as z from "zod";
import { hubOf } from "../../../durable-objects/market-hub/hub-of.ts";
import { POSITION_SIDES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import { type CloseCode, closeReason } from "../../../src/stream/close-codes.ts";
import { cursorOfText } from "../../../src/stream/cursor.ts";
import { CHANNELS, DEFAULT_CHANNELS, type StreamFilter } from "../../../src/stream/filter.ts";
import { MAX_OPEN_REPLAY_MS, MAX_REPLAY_COST, MAX_SYMBOLS } from "../../../src/stream/limits.ts";
import type { ClientRequest } from "../../../src/stream/relay-protocol.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import { ownerOf } from "../../access/caller.ts";
import { makeTicket } from "../../d1/stream-tickets.ts";
import { type StreamOwner, isCountedByAddress, ownerOfCaller, ownerOfTicket } from "../../stream/caller-of-stream.ts";
import { type Connected, connectRelay, countReplay, placeOf } from "../../stream/connect-relay.ts";
import { type ReplayStart, replayOverSse, replayOverWebSocket } from "../../stream/replay/start-replay.ts";
import { SSE_HEADERS, SseWriter, pipeRelay } from "../../stream/sse-writer.ts";
import { timeMs } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";
import { requireCollected } from "../http/collected.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { parameters } from "../http/parameters.ts";
import { type ProblemCode, ProblemError, badParameters } from "../http/problem.ts";
import { addressOf, chargeCost } from "../http/rate-limit.ts";
import { readHeaders, readQuery } from "../http/read-parameters.ts";
import { requireAccess } from "../http/require-access.ts";
import { streamStatsSchema } from "../schemas/stream-stats.ts";

const PATH = "/v1/stream";
const MAX_SPEED = 1_000;
const MAX_REPLAY_MS = 31 * DAY_MS;

/** A comma-separated list, of which each name is checked. */
const list = <Name extends z.ZodType<string, string>>(name: Name, most: number, description: string, example: string) =>
  z
    .string()
    .transform((text) => [...new Set(text.split(",").map((part) => part.trim()))])
    .pipe(z.array(name).min(1).max(most, `must name at most ${most}`))
    .meta({ description, override: { type: "string", examples: [example] } });

const channel = z.enum(CHANNELS, { error: `must be a list of ${CHANNELS.join(", ")}` });
const exchange = z.enum(EXCHANGES, { error: `must be a list of ${EXCHANGES.join(", ")}` });
const frameId = z.string().refine((text) => cursorOfText(text) !== null, "must be the id of a frame");
const resumeText = "The stream continues after this frame, as far back as the log reaches: 24 h.";

const query = z.strictObject({
  channels: list(
    channel,
    CHANNELS.length,
    `Comma-separated frame types. Default: ${DEFAULT_CHANNELS.join(",")}.`,
    "liquidation,cascade",
  ).optional(),
  symbol: list(
    parameters.symbol,
    MAX_SYMBOLS,
    "Base assets, comma-separated. An asset that is not collected is a 404.",
    "BTC,ETH",
  ).optional(),
  exchange: list(exchange, EXCHANGES.length, "Venues, comma-separated.", EXCHANGES.slice(0, 2).join(",")).optional(),
  side: z
    .enum(POSITION_SIDES, { error: `must be one of ${POSITION_SIDES.join(", ")}` })
    .meta({ description: "Side of the closed positions." })
    .optional(),
  min_usd: parameters.usd
    .meta({ description: "Minimum `usd_value` of liquidations. Any value, even 0, excludes those whose `usd_value` is null." })
    .optional(),
  include: parameters.include.optional(),
  last_event_id: frameId.meta({ description: `Id of the last frame you have. ${resumeText}`, examples: ["mif3k2a9-1048"] }).optional(),
  from: parameters.time
    .meta({
      description:
        "Replays what happened since this time, and then continues live: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset. last_event_id goes before it. Counts as one request and one more for each hour back, at most 100; beyond 1 h it needs a key.",
      override: { type: ["integer", "string"], examples: ["2026-11-22T07:00:00Z"] },
    })
    .optional(),
  speed: z
    .string()
    .transform(Number)
    .refine((speed) => speed >= 1 && speed <= MAX_SPEED, `must be a number from 1 to ${MAX_SPEED}`)
    .meta({
      description: "Speed of the replay, as a multiple of the original speed. A replay at 1 never reaches the present.",
      override: { type: "number", minimum: 1, maximum: MAX_SPEED },
    })
    .default(1),
  slow: z
    .enum(["skip", "close"], { error: "must be skip or close" })
    .meta({ description: "Treatment of a slow client: `skip` leaves out frames and names them, `close` closes the stream." })
    .default("skip"),
  ticket: z.string().max(100, "is not a ticket").meta({ description: "Ticket of `POST /v1/stream/tickets`, for browsers." }).optional(),
});
type Query = z.output<typeof query>;

const headers = z.object({
  "Last-Event-ID": frameId
    .meta({ description: `As last_event_id, which comes first: browsers send it by themselves. ${resumeText}` })
    .optional(),
  Upgrade: z.string().max(100).meta({ description: "`websocket` for a WebSocket instead of server-sent events." }).optional(),
});

/** The live stream. */
export const streamRoutes: readonly Operation[] = [
  {
    method: "GET",
    path: PATH,
    access: "open",
    doc: {
      id: "openStream",
      tag: "Stream",
      needs: "read",
      summary: "Get the live stream",
      description:
        "Streams liquidations, cascades, signals, feed states and suspect silences as they happen, in one order for all clients: as server-sent events, or over a WebSocket where the request upgrades. The frames are the same JSON on both. Needs the scope `read`, or no key while PUBLIC_READ is true. Every frame with an `id` is a place to continue from.",
      params: z.strictObject({}),
      query,
      headers,
      body: null,
      success: { status: 200, description: "The stream; it does not end.", content: { "text/event-stream": null }, headers: [] },
      alternatives: { 101: { status: 101, description: "The WebSocket is open.", content: {}, headers: [] } },
      problems: ["unauthorized", "forbidden", "unknown_symbol", "stream_unavailable"],
      example: {},
    },
    handle: openStream,
  },
  jsonOperation({
    method: "POST",
    path: `${PATH}/tickets`,
    id: "createStreamTicket",
    tag: "Stream",
    summary: "Create a ticket for a stream",
    description:
      "Returns a ticket that opens one stream within 60 s, as `?ticket=`. A browser cannot send a key with a WebSocket or an EventSource: its server creates a ticket with the key and passes it on.",
    status: 201,
    data: z
      .object({
        ticket: z.string().meta({ description: "The ticket, shown only once.", examples: ["tkt_Xa8f2kq0PzR7vLw3nYc5tB1mJd9sHg4e"] }),
        expires_time: timeMs.meta({ description: "Time at which the ticket expires, milliseconds since 1970 UTC." }),
      })
      .meta({ id: "StreamTicket" }),
    answer: async (c) => ({ data: await makeTicket(c.env.DB, ownerOf(c.get("caller")), c.get("deps").now()), meta: {} }),
  }),
  jsonOperation({
    path: `${PATH}/stats`,
    id: "getStreamStats",
    cost: 2,
    cacheSeconds: 5,
    tag: "Stream",
    summary: "Get the state of the stream",
    description:
      "Returns the clients of each relay, how long liquidations took from their receipt to when they were sent, the frames that slow clients were not sent, and closed connections by close code.",
    data: streamStatsSchema,
    answer: async (c) => {
      const relays = await hubOf(c.env, c.get("config")).streamStats();
      const clients = relays.reduce((sum, relay) => sum + relay.clients, 0);
      return { data: { time: c.get("deps").now(), clients, relays }, meta: { count: relays.length } };
    },
  }),
];

/** How a WebSocket is closed that is refused with a problem; other problems are faults, and fail the upgrade. */
const CLOSE_CODES_OF: Partial<Readonly<Record<ProblemCode, CloseCode>>> = {
  bad_parameters: 4000,
  unknown_symbol: 4000,
  unauthorized: 4001,
  forbidden: 4001,
  rate_limited: 4005,
  stream_unavailable: 1013,
};

/** A browser sees nothing of a refused upgrade, but it sees why an open socket is closed. */
async function openStream(c: ApiContext): Promise<Response> {
  const isWebSocket = c.req.header("Upgrade")?.toLowerCase() === "websocket";
  try {
    return await openedStream(c, isWebSocket);
  } catch (error) {
    const code = isWebSocket && error instanceof ProblemError ? CLOSE_CODES_OF[error.code] : undefined;
    if (code === undefined || !(error instanceof ProblemError)) throw error;
    return closedSocket(code, error.message);
  }
}

async function openedStream(c: ApiContext, isWebSocket: boolean): Promise<Response> {
  const asked = readQuery(c, query);
  const given = readHeaders(c, headers);
  const owner = await streamOwner(c, asked);
  for (const symbol of asked.symbol ?? []) await requireCollected(c, symbol, { history: false });
  const client: ClientRequest = {
    transport: isWebSocket ? "websocket" : "sse",
    filter: filterOf(asked),
    cursor: asked.last_event_id ?? given["Last-Event-ID"] ?? null,
    slow: asked.slow,
    ...owner,
    quiet: false,
    beats: 0,
  };
  if (asked.from !== undefined && client.cursor === null)
    return openReplay(c, { client, from: asked.from, speed: asked.speed, place: placeOf(c.req.raw) });
  const connected = await connectRelay(c.env, c.get("config"), client, placeOf(c.req.raw));
  if (connected.kind !== "open") throw notConnected(connected);
  if (isWebSocket) return new Response(null, { status: 101, webSocket: connected.socket });
  setSseHeaders(c);
  return c.body(sseOf(connected.socket));
}

function notConnected(connected: Exclude<Connected, { readonly kind: "open" }>): ProblemError {
  switch (connected.kind) {
    case "full":
      return new ProblemError("stream_unavailable", "No relay has room for another client.", { headers: { "Retry-After": "30" } });
    case "too_many":
      return new ProblemError("rate_limited", `Too many streams: ${connected.detail}.`, { headers: { "Retry-After": "30" } });
    case "bad_cursor":
      return badParameters([{ parameter: "last_event_id", detail: connected.detail }]);
  }
}

async function openReplay(c: ApiContext, asked: Omit<ReplayStart, "counted">): Promise<Response> {
  const { client, from, place } = asked;
  const isWebSocket = client.transport === "websocket";
  const now = c.get("deps").now();
  if (from >= now) throw badParameters([{ parameter: "from", detail: "lies in the future" }]);
  if (now - from > MAX_REPLAY_MS) throw badParameters([{ parameter: "from", detail: `is more than ${MAX_REPLAY_MS / DAY_MS} days ago` }]);
  if (now - from > MAX_OPEN_REPLAY_MS && isCountedByAddress(client)) {
    throw new ProblemError("unauthorized", "A replay that reaches back more than 1 h needs an API key within its quota.", {
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }
  await chargeCost(c, Math.min(1 + Math.ceil((now - from) / HOUR_MS), MAX_REPLAY_COST));
  const config = c.get("config");
  const counted = client.owner === null ? null : await countReplay(c.env, config, client.owner, place);
  if (counted !== null && counted.kind !== "open") throw notConnected(counted);
  counted?.socket.accept();
  const start: ReplayStart = { ...asked, counted: counted?.socket ?? null };
  if (isWebSocket) {
    return new Response(null, { status: 101, webSocket: replayOverWebSocket(c.env, config, start) });
  }
  setSseHeaders(c);
  return c.body(replayOverSse(c.env, config, start));
}

function setSseHeaders(c: ApiContext): void {
  for (const [name, value] of Object.entries(SSE_HEADERS)) c.header(name, value);
}

function sseOf(socket: WebSocket): ReadableStream<Uint8Array> {
  const writer = new SseWriter();
  pipeRelay(writer, socket);
  return writer.readable;
}

async function streamOwner(c: ApiContext, { ticket }: Query): Promise<StreamOwner> {
  const address = addressOf(c);
  if (ticket === undefined) {
    requireAccess(c, "read");
    return ownerOfCaller(c.get("caller"), address);
  }
  const owner = await ownerOfTicket(c.env.DB, c.get("config"), ticket, address, c.get("deps").now());
  if (!("refusal" in owner)) return owner;
  throw new ProblemError("unauthorized", owner.refusal, { headers: { "WWW-Authenticate": "Bearer" } });
}

function filterOf({ channels, symbol, exchange: venues, side, min_usd, include }: Query): StreamFilter {
  return {
    channels: channels ?? DEFAULT_CHANNELS,
    symbols: symbol ?? null,
    exchanges: venues ?? null,
    side: side ?? null,
    min_usd: min_usd ?? null,
    inferred: include === "inferred",
  };
}

function closedSocket(code: CloseCode, detail: string): Response {
  const pair = new WebSocketPair();
  const [theirs, ours] = [pair[0], pair[1]];
  ours.accept();
  ours.close(code, closeReason(detail));
  return new Response(null, { status: 101, webSocket: theirs });
}
