import type { Decoder, Endpoints, Exchange, FeedMessage, Instrument, Scope, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, parseJson, shown } from "../decoding/json.ts";
import { readNumber } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { instrumentLookup, marketInstruments } from "../decoding/scope.ts";
import { htxBackfill } from "./htx-backfill.ts";
import { indexSocket, readIndexFrame } from "./htx-index.ts";
import { htxFallbackInstruments, htxInstrumentNamed, loadHtxInstruments } from "./htx-instruments.ts";
import { HTX_ADAPTER_VERSION, readHtxRows } from "./htx-liquidations.ts";
import { htxPolls, readHtxBook } from "./htx-polls.ts";
import { isEchoable } from "./echoable.ts";

/**
 * HTX perpetual swaps in USDT. Every frame is gzip.
 * https://www.htx.com/en-us/opend/newApiPages/ (USDT-M, subscribe liquidation order data)
 */
export const htx = {
  name: "htx",
  formerNames: ["Huobi"],
  title: "HTX USDT swaps",
  coverage: "unknown",
  carries: "The venue does not say whether its feed has all liquidations. The price is that of the order.",
  endpoints: { ws: "https://api.hbdm.com", rest: "https://api.hbdm.com" },
  changeLog: "https://huobiapi.github.io/docs/usdt_swap/v1/en/",
  collectedByDefault: true,
  sharesObject: true,
  locationHint: "apac",
  adapterVersion: HTX_ADAPTER_VERSION,
  lagResolutionMs: 1000,
  // No evidence of it was found.
  takerFeeBps: null,
  // The largest known of any venue is about 2e8.
  maxLiquidationUsd: 1e9,
  fallbackInstruments: htxFallbackInstruments,
  loadInstruments: loadHtxInstruments,
  sockets,
  createDecoder,
  readBook: readHtxBook,
  polls: htxPolls,
  backfill: htxBackfill,
} as const satisfies Exchange;

const LIQUIDATIONS = "public.*.liquidation_orders";
const LIQUIDATIONS_ID = "liquidations";
const FUNDING = "funding_rate";
/** A subscription that exists already. */
const REPEATED = 2014;

function sockets(scope: Scope, { ws }: Endpoints): readonly SocketPlan[] {
  const contracts = marketInstruments(scope);
  const notification: SocketPlan = {
    name: "notification",
    role: "liquidations",
    address: () => Promise.resolve({ url: `${ws}/linear-swap-notification` }),
    waitForWelcome: false,
    subscribe: [JSON.stringify({ op: "sub", topic: LIQUIDATIONS, cid: LIQUIDATIONS_ID })],
    confirmations: new Set([LIQUIDATIONS]),
    topics: {
      contracts: new Map(contracts.map(({ instrument }) => [`public.${instrument}.${FUNDING}`, instrument])),
      perRequest: 1,
      request: (count, [topic]) => ({ id: `topics-${count}`, frame: JSON.stringify({ op: "sub", topic, cid: `topics-${count}` }) }),
    },
    sendIntervalMs: 100,
    // The venue pings, every 5 s or so, and ends a connection after five pings without an answer.
    keepalive: null,
    control: new Set(["heartbeat"]),
    controlTimeoutMs: 25_000,
    maxAgeMs: null,
  };
  return contracts.length === 0 ? [notification] : [notification, indexSocket(contracts, ws)];
}

function createDecoder(scope: Scope): Decoder {
  const instrumentOf = instrumentLookup(scope, htxInstrumentNamed);
  return {
    decode(text, receivedTime) {
      const frame = parseJson(text);
      if (!isObject(frame)) return [{ kind: "reject", reason: "malformed frame", text }];
      if (frame.op === undefined) {
        return readIndexFrame(frame, text, receivedTime, instrumentOf) ?? [{ kind: "reject", reason: "unknown frame", text }];
      }
      return readNotification(frame, text, receivedTime, scope, instrumentOf);
    },
  };
}

function readNotification(
  frame: JsonObject,
  text: string,
  receivedTime: number,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  const { op, topic, ts, data } = frame;
  switch (op) {
    case "ping":
      if (!isEchoable(ts)) return [{ kind: "reject", reason: "malformed ping", text }];
      // `ts` is a text and goes back as it came: as a number it is no answer, and the connection ends half a minute later.
      return [
        { kind: "reply", frame: JSON.stringify({ op: "pong", ts }) },
        { kind: "heartbeat", topic: LIQUIDATIONS, time: readTime(ts) ?? receivedTime },
      ];
    case "notify": {
      if (typeof topic !== "string" || !Array.isArray(data)) return [{ kind: "reject", reason: "malformed notification", text }];
      if (topic.endsWith(".liquidation_orders")) return readHtxRows(data, text, scope, instrumentOf);
      if (topic.endsWith(`.${FUNDING}`)) return data.flatMap((row: unknown) => readFunding(row, text, instrumentOf));
      return [{ kind: "reject", reason: `unexpected topic ${topic}`, text }];
    }
    case "sub":
      return readAnswer(frame);
    case "unsub":
      return topic === LIQUIDATIONS ? [{ kind: "reconnect", reason: `${LIQUIDATIONS} unsubscribed by the venue` }] : [];
    case "close":
      return [{ kind: "reconnect", reason: "closed by the venue" }];
    case "error":
      return [{ kind: "error", message: messageOf(frame) }];
    default:
      return [{ kind: "reject", reason: `unexpected operation ${shown(op)}`, text }];
  }
}

function readAnswer(frame: JsonObject): readonly FeedMessage[] {
  const { topic, cid } = frame;
  const code = frame["err-code"];
  const isLiquidations = topic === LIQUIDATIONS;
  if (code === 0 || code === REPEATED) return [{ kind: "subscribed", topic: isLiquidations ? LIQUIDATIONS : shown(cid) }];
  const reason = messageOf(frame);
  // Pings would continue and show the feed as live, although no liquidation would ever arrive.
  if (isLiquidations) {
    return [
      { kind: "error", message: reason },
      { kind: "reconnect", reason: `liquidations rejected: ${reason}` },
    ];
  }
  return [{ kind: "refused", request: shown(cid), reason, unknown: [], held: [] }];
}

function messageOf(frame: JsonObject): string {
  return `${shown(frame["err-code"])} ${shown(frame["err-msg"])}`;
}

function readFunding(row: unknown, text: string, instrumentOf: (name: string) => Instrument): readonly FeedMessage[] {
  const rate = isObject(row) ? readNumber(row.funding_rate) : null;
  if (!isObject(row) || typeof row.contract_code !== "string" || rate === null)
    return [{ kind: "reject", reason: "malformed funding rate", text }];
  return [{ kind: "funding", instrument: instrumentOf(row.contract_code).instrument, rate }];
}
