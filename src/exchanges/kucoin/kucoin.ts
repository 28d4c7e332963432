import { baseAsset } from "../decoding/base-asset.ts";
import type { Exchange, Instrument, SocketPlan } from "../exchange.ts";
import { isObject } from "../decoding/json.ts";
import { createKucoinInferrer } from "./inferred/kucoin-inferrer.ts";
import { classicAddress, describe, PING_INTERVAL_MS, subscribeFrame } from "./kucoin-classic.ts";
import { createKucoinDecoder, KUCOIN_ADAPTER_VERSION, readKucoinBook } from "./kucoin-frames.ts";
import { kucoinPolls } from "./kucoin-polls.ts";
import { kucoinProbe } from "./kucoin-probe.ts";
import { readNumber } from "../decoding/number.ts";
import { inRunsOf, marketInstruments } from "../decoding/scope.ts";

/**
 * KuCoin Futures. It publishes no liquidations: the topic list of its SDK of November 2025 has none, and every likely
 * spelling returned "topic does not exist" on 2026-09-18. So the feed carries only market data, and the venue is asked weekly.
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
  changeLog: "https://www.kucoin.com/docs-new/change-log",
  collectedByDefault: true,
  locationHint: "apac",
  adapterVersion: KUCOIN_ADAPTER_VERSION,
  // Mark price and open interest arrive once per second.
  lagResolutionMs: 1000,
  // VIP 0 in the list of the venue: https://www.kucoin.com/support/48142946141635
  takerFeeBps: 6,
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
  polls: kucoinPolls,

  probe: kucoinProbe,
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

function pingFrame(count: number): string {
  return JSON.stringify({ id: `ping-${count}`, type: "ping" });
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
