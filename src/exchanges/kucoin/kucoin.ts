import { baseAsset } from "../decoding/base-asset.ts";
import type { Exchange, Instrument, RequestJson, SocketAddress, SocketPlan } from "../exchange.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import type { JsonObject } from "../decoding/json.ts";
import { createKucoinInferrer } from "./inferred/kucoin-inferrer.ts";
import { createKucoinDecoder, KUCOIN_ADAPTER_VERSION, PROBE_ID, readKucoinBook } from "./kucoin-frames.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { inRunsOf, marketInstruments } from "../decoding/scope.ts";

const CANDIDATE_TOPICS = [
  "/contractMarket/liquidation:XBTUSDTM",
  "/contractMarket/liquidationOrders:XBTUSDTM",
  "/contractMarket/liquidationOrder:XBTUSDTM",
  "/contractMarket/liquidations:XBTUSDTM",
  "/contractMarket/forceOrder:XBTUSDTM",
  "/contractMarket/liquidation",
  "/contractMarket/liquidationOrders",
  "/contract/liquidation:XBTUSDTM",
  "/contract/liquidation",
];

/**
 * KuCoin Futures. It publishes no liquidations: the topic list of its SDK of November 2025 has none, and every likely
 * spelling returned "topic does not exist" on 2026-09-18. So the feed carries only market data, and probes weekly.
 */
export const kucoin: Exchange = {
  name: "kucoin",
  title: "KuCoin futures",
  coverage: "none",
  carries: "No liquidations: the venue publishes none. Its feed carries market data only.",
  endpoints: {
    // The URL of the classic socket comes with its token, so the configurable one is that of the UTA socket.
    ws: "https://x-push-futures.kucoin.com",
    wsVariable: "KUCOIN_UTA_WS_URL",
    rest: "https://api-futures.kucoin.com",
  },
  locationHint: "apac",
  adapterVersion: KUCOIN_ADAPTER_VERSION,
  // Mark price and open interest arrive once per second.
  lagResolutionMs: 1000,
  // A tenth of the largest venues' maximum position.
  maxLiquidationUsd: 1e8,
  fallbackInstruments: [
    usdtPerpetual("XBTUSDTM", "BTC", 0.001),
    usdtPerpetual("ETHUSDTM", "ETH", 0.01),
    usdtPerpetual("SOLUSDTM", "SOL", 0.1),
  ],

  async loadInstruments(request, endpoints) {
    const body = await request(`${endpoints.rest}/api/v1/contracts/active`);
    if (!isObject(body) || body.code !== "200000" || !Array.isArray(body.data)) {
      throw new Error(`KuCoin contracts/active returned ${describe(body)}`);
    }
    const instruments = body.data.map(readContract).filter((contract) => contract !== null);
    if (instruments.length === 0) throw new Error("KuCoin contracts/active lists no perpetual contract");
    return instruments;
  },

  sockets(scope, endpoints) {
    const names = marketInstruments(scope).map(({ instrument }) => instrument);
    const topics = scope.inferred === true ? [...CLASSIC_TOPICS, EXECUTION_TOPIC] : CLASSIC_TOPICS;
    return [classicPlan(names, topics, endpoints.rest), utaPlan(names, endpoints.ws)];
  },

  createDecoder: createKucoinDecoder,
  createInferrer: (instrumentOf) => createKucoinInferrer(instrumentOf),
  readBook: readKucoinBook,

  probe: {
    intervalMs: 7 * 86_400_000,
    frames: CANDIDATE_TOPICS.map((topic) => subscribeFrame(`${PROBE_ID}${topic}`, topic)),
    accepted: acceptedTopic,
  },
};

/** Mark, index, funding, best bid and ask and depth: https://www.kucoin.com/docs-new/websocket-api/base-info/introduction */
function classicPlan(names: readonly string[], topics: readonly string[], rest: string): SocketPlan {
  return {
    name: "classic",
    role: "liquidations",
    address: (request, connectId) => classicAddress(request, rest, connectId),
    waitForWelcome: true,
    subscribe: topics.flatMap((topic) =>
      inRunsOf(TOPICS_PER_FRAME, names).map((group, run) => subscribeFrame(`${topic}#${run + 1}`, `${topic}:${group.join(",")}`)),
    ),
    confirmations: new Set(),
    // At most 100 client messages in 10 s, and the keepalive needs some.
    sendIntervalMs: 120,
    keepalive: { intervalMs: PING_INTERVAL_MS, frame: pingFrame },
    control: new Set(["mark"]),
    controlTimeoutMs: 15_000,
    // The token is valid for 24 h; it is not documented whether a session outlives its token.
    maxAgeMs: 24 * 3_600_000,
  };
}

/** The newer socket, without a token, for the open interest that the classic one lacks. */
function utaPlan(names: readonly string[], ws: string): SocketPlan {
  return {
    name: "uta",
    role: "market",
    address: async () => ({ url: ws }),
    waitForWelcome: true,
    subscribe: names.map((symbol) =>
      JSON.stringify({ id: `mark-price:${symbol}`, action: "SUBSCRIBE", channel: "mark-price", tradeType: "FUTURES", symbol }),
    ),
    confirmations: new Set(),
    // At most 300 client messages in 10 s.
    sendIntervalMs: 50,
    keepalive: { intervalMs: PING_INTERVAL_MS, frame: pingFrame },
    control: new Set(["mark"]),
    controlTimeoutMs: 15_000,
    maxAgeMs: null,
  };
}

const CLASSIC_TOPICS = ["/contract/instrument", "/contractMarket/tickerV2", "/contractMarket/level2Depth50"];
/** Every trade of the contracts, only for inferring. */
const EXECUTION_TOPIC = "/contractMarket/execution";
const TOPICS_PER_FRAME = 100;
/** Without our pings a socket is closed after about 60 s, whatever it streams. */
const PING_INTERVAL_MS = 18_000;

async function classicAddress(request: RequestJson, rest: string, connectId: string): Promise<SocketAddress> {
  const body = await request(`${rest}/api/v1/bullet-public`, { method: "POST" });
  const data = isObject(body) && body.code === "200000" && isObject(body.data) ? body.data : {};
  const servers: readonly unknown[] = Array.isArray(data.instanceServers) ? data.instanceServers : [];
  const server = servers.find((entry): entry is JsonObject => isObject(entry) && typeof entry.endpoint === "string");
  if (typeof data.token !== "string" || data.token === "" || server === undefined) {
    throw new Error(`KuCoin bullet-public returned ${describe(body)}`);
  }
  // Sockets are opened by an HTTP request, so the URL must be an http one.
  const endpoint = String(server.endpoint).replace(/^ws/, "http");
  const url = `${endpoint}?token=${encodeURIComponent(data.token)}&connectId=${encodeURIComponent(connectId)}`;
  const pingInterval = readPositive(server.pingInterval);
  return pingInterval === null ? { url } : { url, keepaliveIntervalMs: Math.min(pingInterval, PING_INTERVAL_MS) };
}

function subscribeFrame(id: string, topic: string): string {
  return JSON.stringify({ id, type: "subscribe", topic, privateChannel: false, response: true });
}

function pingFrame(count: number): string {
  return JSON.stringify({ id: `ping-${count}`, type: "ping" });
}

/** Accepts the response itself, or the topic of its `subscribed` message, which is the id of the acknowledgement. */
function acceptedTopic(answer: string): string | null {
  const frame = parseJson(answer);
  const id = isObject(frame) && frame.type === "ack" ? frame.id : answer;
  return CANDIDATE_TOPICS.find((topic) => id === `${PROBE_ID}${topic}`) ?? null;
}

/** A row of contracts/active, or null where it is not a perpetual (`FFWCSX`; dated futures are `FFICSX`). */
function readContract(row: unknown): Instrument | null {
  if (!isObject(row) || row.type !== "FFWCSX") return null;
  if (typeof row.symbol !== "string" || typeof row.baseCurrency !== "string" || typeof row.quoteCurrency !== "string") return null;
  const base = baseAsset(row.baseCurrency === "XBT" ? "BTC" : row.baseCurrency);
  return {
    instrument: row.symbol,
    symbol: base.symbol,
    quote: row.quoteCurrency,
    scale: base.scale,
    contract: contractOf(row.isInverse === true, readNumber(row.multiplier)),
    trading: row.status === "Open",
  };
}

/** The multiplier is in coins per lot; that of an inverse contract is negative and in USD per lot (-1). */
function contractOf(isInverse: boolean, multiplier: number | null): Instrument["contract"] {
  const size = multiplier === null || multiplier === 0 ? null : Math.abs(multiplier);
  if (multiplier !== null && multiplier < 0) return { kind: "inverse", usd: size };
  return isInverse ? { kind: "inverse", usd: null } : { kind: "base", size };
}

function usdtPerpetual(instrument: string, symbol: string, coinsPerLot: number): Instrument {
  return { instrument, symbol, quote: "USDT", scale: 1, contract: { kind: "base", size: coinsPerLot }, trading: true };
}

/** Describes an invalid response briefly, without the token. */
function describe(body: unknown): string {
  if (!isObject(body)) return `not a JSON object but ${body === null ? "null" : typeof body}`;
  const code = body.code === undefined ? "no code" : `code ${JSON.stringify(body.code)}`;
  const message = typeof body.msg === "string" ? `, ${body.msg}` : "";
  const shape = isObject(body.data) ? `, data with ${Object.keys(body.data).join(", ") || "nothing"}` : "";
  return `${code}${message}${shape}`;
}
