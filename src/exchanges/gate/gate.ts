import type { Decoder, Endpoints, Exchange, FeedMessage, Instrument, Scope, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { instrumentLookup, marketInstruments } from "../decoding/scope.ts";
import { gateBackfill } from "./gate-backfill.ts";
import { gateFallbackInstruments, gateInstrumentNamed, loadGateInstruments } from "./gate-instruments.ts";
import { GATE_ADAPTER_VERSION, readStreamOrders } from "./gate-liquidations.ts";
import { gatePolls, readGateBook } from "./gate-polls.ts";
import { TwinOrders } from "./twin-orders.ts";

/**
 * Gate perpetuals in USDT.
 * https://www.gate.com/docs/developers/futures/ws/en/#liquidates-order-notification
 */
export const gate = {
  name: "gate",
  title: "Gate USDT perpetuals",
  coverage: "all_reported",
  carries: "All liquidation orders, according to the venue, those of a contract and second in one batch. The price is that of the order.",
  endpoints: { ws: "https://fx-ws.gateio.ws", rest: "https://api.gateio.ws" },
  changeLog: "https://www.gate.com/docs/developers/futures/ws/en/",
  collectedByDefault: true,
  sharesObject: true,
  locationHint: "apac",
  adapterVersion: GATE_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  // No evidence of it was found.
  takerFeeBps: null,
  batchMs: 1000,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: gateFallbackInstruments,
  loadInstruments: loadGateInstruments,
  sockets,
  createDecoder,
  readBook: readGateBook,
  polls: gatePolls,
  backfill: gateBackfill,
} as const satisfies Exchange;

const LIQUIDATIONS = "futures.public_liquidates";
const TICKERS = "futures.tickers";
const LIQUIDATIONS_ID = 1;
/** The ids of requests for tickers come after it. */
const FIRST_TICKERS_ID = 100;

/** A request without its time, which `stamp` adds. */
const requestOf = (id: number, channel: string, payload: readonly string[]): string =>
  JSON.stringify({ id, channel, event: "subscribe", payload });

/** Every request says when it was made, in seconds. */
function stamp(frame: string, now: number): string {
  return `{"time":${Math.floor(now / 1000)},${frame.slice(1)}`;
}

function sockets(scope: Scope, { ws }: Endpoints): readonly SocketPlan[] {
  const contracts = tickerContracts(scope);
  return [
    {
      name: "usdt",
      role: "liquidations",
      // Without the header sizes are integers, and the fractions of a contract are cut off.
      address: () => Promise.resolve({ url: `${ws}/v4/ws/usdt`, headers: { "X-Gate-Size-Decimal": "1" } }),
      waitForWelcome: false,
      subscribe: [requestOf(LIQUIDATIONS_ID, LIQUIDATIONS, ["!all"])],
      confirmations: new Set([LIQUIDATIONS]),
      topics: {
        contracts: new Map(contracts.map((name) => [`${TICKERS}:${name}`, name])),
        perRequest: TICKERS_PER_REQUEST,
        request(count, topics) {
          const id = FIRST_TICKERS_ID + count;
          return {
            id: `${id}`,
            frame: requestOf(
              id,
              TICKERS,
              topics.map((topic) => topic.slice(TICKERS.length + 1)),
            ),
          };
        },
      },
      stamp,
      sendIntervalMs: 100,
      // At the latest every 18 s.
      keepalive: { intervalMs: 15_000, frame: () => JSON.stringify({ channel: "futures.ping" }) },
      control: new Set(["mark"]),
      controlTimeoutMs: 20_000,
      maxAgeMs: null,
    },
  ];
}

const TICKERS_PER_REQUEST = 10;

/** If no watched contract has market streams, Bitcoin's mark price still shows that the socket delivers. */
function tickerContracts(scope: Scope): readonly string[] {
  const names = marketInstruments(scope).map(({ instrument }) => instrument);
  return names.length === 0 ? ["BTC_USDT"] : names;
}

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, gateInstrumentNamed);
  const twins = new TwinOrders();
  return {
    decode(text, receivedTime) {
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      const { channel, event } = frame;
      if (channel === "futures.pong") return [{ kind: "pong" }];
      if (event !== "update") return readAnswer(frame, text);
      if (channel === LIQUIDATIONS) return readStreamOrders(frame.result, { text, scope, instrumentOf }, twins);
      if (channel === TICKERS) return readTickers(frame, text, receivedTime, instrumentOf);
      return [{ kind: "reject", reason: `unexpected channel ${shown(channel)}`, text }];
    },
  };
}

/** A request is answered by its id where the venue repeats that, and else by its channel. */
function readAnswer(frame: JsonObject, text: string): readonly FeedMessage[] {
  const { channel, error, event, id } = frame;
  const isFailed = isObject(error) || (isObject(frame.result) && frame.result.status === "fail");
  if (isFailed) {
    const reason = shown(isObject(error) ? (error.message ?? error) : frame.result);
    // Mark prices would continue and show the feed as live, although no liquidation would ever arrive.
    if (channel === LIQUIDATIONS) {
      return [
        { kind: "error", message: reason },
        { kind: "reconnect", reason: `liquidations rejected: ${reason}` },
      ];
    }
    if (channel === TICKERS) return [{ kind: "refused", request: shown(id), reason, unknown: namedTopics(reason), held: [] }];
    return [{ kind: "error", message: reason }];
  }
  if (event === "unsubscribe" && channel === LIQUIDATIONS)
    return [{ kind: "reconnect", reason: `${LIQUIDATIONS} unsubscribed by the venue` }];
  if (event !== "subscribe" || typeof channel !== "string") return [{ kind: "reject", reason: `unexpected event ${shown(event)}`, text }];
  return [{ kind: "subscribed", topic: channel === LIQUIDATIONS ? LIQUIDATIONS : shown(id) }];
}

/** The contracts that an error names: `unknown contract ABC_USDT`. */
function namedTopics(reason: string): readonly string[] {
  return [...reason.matchAll(/\b[\w-]+_USDT\b/g)].map(([name]) => `${TICKERS}:${name}`);
}

/** Values that are absent are unchanged or not known; `volume_24h_quote` is the turnover in USDT. */
function readTickers(
  frame: JsonObject,
  text: string,
  receivedTime: number,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  const rows: readonly unknown[] = Array.isArray(frame.result) ? frame.result : [frame.result];
  const time = readTime(frame.time_ms) ?? readTime(frame.time) ?? receivedTime;
  return rows.flatMap((row): FeedMessage[] => {
    if (!isObject(row) || typeof row.contract !== "string" || row.contract === "")
      return [{ kind: "reject", reason: "malformed ticker", text }];
    const { instrument, scale } = instrumentOf(row.contract);
    const mark = readPositive(row.mark_price);
    const index = readPositive(row.index_price);
    const rate = readNumber(row.funding_rate);
    const turnover = readNumber(row.volume_24h_quote);
    return [
      ...(mark === null ? [] : [{ kind: "mark" as const, instrument, price: mark / scale, time }]),
      ...(index === null ? [] : [{ kind: "index" as const, instrument, price: index / scale }]),
      ...(rate === null ? [] : [{ kind: "funding" as const, instrument, rate }]),
      ...(turnover === null || turnover < 0 ? [] : [{ kind: "turnover" as const, instrument, usd: turnover }]),
    ];
  });
}
