import { createBitfinexDecoder, LIQUIDATIONS_KEY, STATUS_KEY } from "./bitfinex-frames.ts";
import { bitfinexPolls } from "./bitfinex-polls.ts";
import { type AssetNames, bitfinexInstrument, readAssetNames } from "./bitfinex-instrument.ts";
import { BITFINEX_ADAPTER_VERSION, BITFINEX_COVERAGE, isRow, LiquidationRows } from "./bitfinex-liquidation.ts";
import type { Endpoints, Exchange, Instrument, FeedMessage, Scope, SocketPlan } from "../exchange.ts";
import { shown } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";
import { marketInstruments } from "../decoding/scope.ts";

/**
 * Bitfinex derivatives: one socket for everything. Liquidations are rare, so hours of silence are normal, and only mark
 * prices and heartbeats tell a live channel from a dead one. https://docs.bitfinex.com/reference/ws-public-status
 */
export const bitfinex: Exchange = {
  name: "bitfinex",
  title: "Bitfinex derivatives",
  coverage: BITFINEX_COVERAGE,
  carries:
    "All liquidations of the platform, according to the venue. The price is the acquisition price or, where the venue gives none, the mark price.",
  endpoints: { ws: "https://api-pub.bitfinex.com", rest: "https://api-pub.bitfinex.com" },
  changeLog: "https://docs.bitfinex.com/changelog",
  collectedByDefault: true,
  locationHint: "weur",
  adapterVersion: BITFINEX_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  // The former list price; see the taker fees in docs/venues.md, because it may be 0 by now: https://www.bitfinex.com/fees
  takerFeeBps: 6.5,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: namedInstruments(["BTCF0:USTF0", "ETHF0:USTF0", "SOLF0:USTF0"]),

  async loadInstruments(request, endpoints) {
    const body = await request(`${endpoints.rest}/v2/conf/pub:list:pair:futures,pub:map:currency:sym`);
    const [pairs, names]: readonly unknown[] = Array.isArray(body) ? body : [];
    const instruments = Array.isArray(pairs) ? namedInstruments(pairs, readAssetNames(names)) : [];
    if (instruments.length === 0) throw new Error(`Bitfinex lists no perpetual: ${shown(body).slice(0, 200)}`);
    return instruments;
  },

  sockets(scope, endpoints) {
    return [statusPlan(scope, endpoints.ws)];
  },

  createDecoder: createBitfinexDecoder,
  polls: bitfinexPolls,
  adlSource: "insurance_fund",

  backfill: {
    // The documentation states no limit of the history. A day is the period in which the journal recognizes
    // repetitions.
    reachMs: 24 * 3_600_000,
    // 3 requests per minute; more get 429 and minutes of cool-down.
    requestIntervalMs: 20_000,
    requests: historyRequests,
    read: readHistory,
    next: nextPage,
  },
};

function namedInstruments(pairs: readonly unknown[], names?: AssetNames): readonly Instrument[] {
  return pairs.map((pair) => (typeof pair === "string" ? bitfinexInstrument(`t${pair}`, names) : null)).filter((found) => found !== null);
}

function statusPlan(scope: Scope, ws: string): SocketPlan {
  const channels = marketInstruments(scope).flatMap(({ instrument }): readonly MarketChannel[] => [
    { topic: `${STATUS_KEY}${instrument}`, instrument, arguments: { channel: "status", key: `${STATUS_KEY}${instrument}` } },
    { topic: `${BOOK}${instrument}`, instrument, arguments: { channel: "book", symbol: instrument, prec: "P0", freq: "F0", len: LEVELS } },
  ]);
  // Mark prices before books, if there is no room for both: liquidations without a price need them.
  const fitting = channels
    .toSorted((left, right) => Number(left.topic.startsWith(BOOK)) - Number(right.topic.startsWith(BOOK)))
    .slice(0, MAX_CHANNELS - 1);
  return {
    name: "status",
    role: "liquidations",
    address: async () => ({ url: `${ws}/ws/2` }),
    waitForWelcome: true,
    subscribe: [
      JSON.stringify({ event: "conf", flags: TIMESTAMPS | SEQUENCE_NUMBERS }),
      subscribeTo({ channel: "status", key: LIQUIDATIONS_KEY }),
      ...fitting.map((channel) => subscribeTo(channel.arguments)),
    ],
    confirmations: new Set([LIQUIDATIONS_KEY]),
    topics: {
      contracts: new Map(fitting.map(({ topic, instrument }) => [topic, instrument])),
      perRequest: null,
      request(_count, [asked = ""]) {
        const channel = fitting.find(({ topic }) => topic === asked);
        return { id: asked, frame: subscribeTo(channel?.arguments ?? {}) };
      },
    },
    heartbeatTopic: LIQUIDATIONS_KEY,
    sendIntervalMs: 50,
    // Every channel has a heartbeat of the venue every 15 s.
    keepalive: null,
    control: new Set(["mark", "heartbeat"]),
    controlTimeoutMs: 25_000,
    maxAgeMs: null,
  };
}

/** Of 1, 25, 100 and 250. Prices have five significant digits, so 25 bps are 25 to 250 ticks, and few of 250 are filled. */
const LEVELS = "100";

/** A book is confirmed by its symbol alone; the decoder puts this before it. */
const BOOK = "book:";

function subscribeTo(channel: Readonly<Record<string, string>>): string {
  return JSON.stringify({ event: "subscribe", ...channel });
}

interface MarketChannel {
  /** Its name in the venue's confirmation. */
  readonly topic: string;
  readonly instrument: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** The documentation says 25 on one page and 30 on another. */
const MAX_CHANNELS = 25;
const TIMESTAMPS = 32_768;
const SEQUENCE_NUMBERS = 65_536;

/** One URL for all instruments: the endpoint, like the channel, has all positions of the platform. */
function historyRequests(_scope: Scope, endpoints: Endpoints, from: number, to: number): readonly string[] {
  return [`${endpoints.rest}/v2/liquidations/hist?start=${from}&end=${to}&limit=${ROWS_PER_PAGE}&sort=1`];
}

const ROWS_PER_PAGE = 500;

/** `[[ROW], [ROW], …]`, or `["error", code, message]`. */
function readHistory(body: unknown, scope: Scope): readonly FeedMessage[] {
  if (!Array.isArray(body) || body[0] === "error")
    return [{ kind: "error", message: `liquidations/hist returned ${shown(body).slice(0, 200)}` }];
  return new LiquidationRows(scope).read(historyRows(body));
}

function historyRows(body: readonly unknown[]): readonly unknown[] {
  return body.flatMap((entry) => (Array.isArray(entry) && !isRow(entry) ? entry : [entry]));
}

/**
 * Pages go forward in time. The next one starts at the millisecond of the last row, because more may have happened in
 * it.
 */
function nextPage(url: string, body: unknown): string | null {
  if (!Array.isArray(body) || body.length < ROWS_PER_PAGE) return null;
  const last = historyRows(body).at(-1);
  const lastTime = Array.isArray(last) ? readPositive(last[2]) : null;
  if (lastTime === null) return null;
  const address = new URL(url);
  const start = Number(address.searchParams.get("start"));
  address.searchParams.set("start", String(Math.max(Math.floor(lastTime), start + 1)));
  return address.href;
}
