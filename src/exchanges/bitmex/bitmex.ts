import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { instrumentLookup, marketInstruments } from "../decoding/scope.ts";
import type { Decoder, Endpoints, Exchange, FeedMessage, Scope, SocketPlan } from "../exchange.ts";
import { bitmexFallbackInstruments, bitmexInstrumentNamed, loadBitmexInstruments } from "./bitmex-instruments.ts";
import { BitmexMarkets } from "./bitmex-markets.ts";
import { BITMEX_ADAPTER_VERSION, BitmexOrders } from "./bitmex-orders.ts";
import { bitmexPolls, readBitmexBook } from "./bitmex-polls.ts";

/**
 * BitMEX perpetual contracts.
 * https://www.bitmex.com/app/wsAPI
 */
export const bitmex = {
  name: "bitmex",
  title: "BitMEX perpetual contracts",
  coverage: "all_reported",
  carries:
    "Every liquidation order, and each position that is merged into one. The price is the limit of the order, near the bankruptcy price; the time is that of receipt, since the venue gives none.",
  endpoints: { ws: "https://ws.bitmex.com", rest: "https://www.bitmex.com" },
  changeLog: "https://www.bitmex.com/app/apiChangelog",
  collectedByDefault: false,
  locationHint: "weur",
  adapterVersion: BITMEX_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  takerFeeBps: null,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: bitmexFallbackInstruments,
  loadInstruments: loadBitmexInstruments,
  sockets,
  createDecoder,
  readBook: readBitmexBook,
  polls: bitmexPolls,
} as const satisfies Exchange;

/** The table of all contracts' liquidation orders. */
const LIQUIDATIONS = "liquidation";
const MARKET = "instrument";

/** One topic per request: an answer about several does not say which one it means. */
function sockets(scope: Scope, endpoints: Endpoints): readonly SocketPlan[] {
  return [
    {
      name: "realtime",
      role: "liquidations",
      address: () => Promise.resolve({ url: `${endpoints.ws}/realtime` }),
      waitForWelcome: false,
      subscribe: [subscribeTo(LIQUIDATIONS)],
      confirmations: new Set([LIQUIDATIONS]),
      topics: {
        contracts: new Map(marketNames(scope).map((name) => [`${MARKET}:${name}`, name])),
        perRequest: 1,
        request(_count, topics) {
          const topic = topics.join(",");
          return { id: topic, frame: subscribeTo(topic) };
        },
      },
      // The venue allows 720 subscriptions an hour.
      sendIntervalMs: 100,
      keepalive: { intervalMs: 25_000, frame: () => "ping" },
      control: new Set(["mark"]),
      controlTimeoutMs: 30_000,
      maxAgeMs: null,
    },
  ];
}

/** If no watched contract has market data, Bitcoin's mark price still shows that the socket delivers. */
function marketNames(scope: Scope): readonly string[] {
  const names = marketInstruments(scope).map(({ instrument }) => instrument);
  return names.length > 0 ? names : ["XBTUSD"];
}

function subscribeTo(topic: string): string {
  return JSON.stringify({ op: "subscribe", args: [topic] });
}

function createDecoder(scope: Scope): Decoder {
  const orders = new BitmexOrders(scope, instrumentLookup(scope, bitmexInstrumentNamed));
  const markets = new BitmexMarkets(scope);
  return {
    decode(text, receivedTime) {
      if (text === "pong") return [{ kind: "pong" }];
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      if (frame.table === LIQUIDATIONS) return orders.read(frame.action, frame.data, receivedTime, text);
      if (frame.table === MARKET) return markets.read(frame.data, receivedTime, text);
      if (frame.table !== undefined) return [{ kind: "reject", reason: `unexpected topic ${shown(frame.table)}`, text }];
      return readAnswer(frame, text);
    },
  };
}

function readAnswer(frame: JsonObject, text: string): readonly FeedMessage[] {
  if (frame.info !== undefined) return [{ kind: "welcome" }];
  if (frame.success === true && frame.subscribe !== undefined) return [{ kind: "subscribed", topic: shown(frame.subscribe) }];
  if (frame.success === true && frame.unsubscribe === LIQUIDATIONS)
    return [{ kind: "reconnect", reason: `${LIQUIDATIONS} unsubscribed by the venue` }];
  if (frame.error === undefined) return [{ kind: "reject", reason: "unknown frame", text }];
  const reason = shown(frame.error);
  const args: readonly unknown[] = isObject(frame.request) && Array.isArray(frame.request.args) ? frame.request.args : [];
  const topic = args.map(shown).join(",");
  // Mark prices would continue and show the feed as live, although no liquidation would ever arrive.
  if (topic === LIQUIDATIONS)
    return [
      { kind: "error", message: reason },
      { kind: "reconnect", reason: `liquidations rejected: ${reason}` },
    ];
  if (!topic.startsWith(`${MARKET}:`)) return [{ kind: "error", message: reason }];
  return [{ kind: "refused", request: topic, reason, unknown: [topic], held: [] }];
}
