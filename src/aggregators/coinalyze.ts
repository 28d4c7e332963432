import * as z from "zod";
import type { ExchangeName } from "../liquidation.ts";
import type { VenueContracts } from "./hour-comparison.ts";

/**
 * The protocol of Coinalyze, an aggregator that collects the public feeds of the venues as we do.
 * @see https://api.coinalyze.net/v1/doc/
 */

/** Each market in a request counts as a call, and 40 are allowed in a minute. */
export const MAX_MARKETS = 20;

const exchangeList = z.array(z.object({ name: z.string(), code: z.string() }));
const marketList = z.array(
  z.object({
    symbol: z.string().min(1),
    exchange: z.string(),
    symbol_on_exchange: z.string(),
  }),
);
/** No hour of a market has more, so that no sum overflows. */
const usd = z.number().nonnegative().max(1e12);
const histories = z.array(
  z.object({
    symbol: z.string(),
    history: z.array(z.object({ t: z.int().nonnegative(), l: usd, s: usd })),
  }),
);

/** As many are named. */
const MAX_LACKING = 5;

/** A market of the aggregator that is one of a venue's contracts. */
export interface AggregatorMarket {
  readonly exchange: ExchangeName;
  /** Base asset. */
  readonly symbol: string;
  /** The aggregator's name of the market. */
  readonly market: string;
}

/** What can be compared of the venues. */
export interface MatchedMarkets {
  /** Only of base assets of which the aggregator has every contract of the venue that we collect. */
  readonly markets: readonly AggregatorMarket[];
  /** Contracts that it has not, because of which their base assets are not compared. */
  readonly lacking: Partial<Record<ExchangeName, readonly string[]>>;
}

/**
 * Finds our contracts among the markets of the aggregator: a venue by its names, a contract by the venue's name of it. Our sums are
 * of whole base assets, so a base asset with a contract that the aggregator lacks is not compared.
 * @param exchanges the answer to `GET /v1/exchanges`
 * @param markets the answer to `GET /v1/future-markets`
 * @throws where an answer has not the documented shape
 */
export function matchMarkets(exchanges: unknown, markets: unknown, contracts: readonly VenueContracts[]): MatchedMarkets {
  const names = new Map(exchangeList.parse(exchanges).map(({ name, code }) => [code, plain(name.replace(/\.(com|io)$/i, ""))]));
  const listed = new Map(
    marketList.parse(markets).map((one) => [`${names.get(one.exchange) ?? ""} ${plain(one.symbol_on_exchange)}`, one.symbol] as const),
  );
  const matched: AggregatorMarket[] = [];
  const lacking: Partial<Record<ExchangeName, readonly string[]>> = {};
  const counts = new Map<ExchangeName, number>();
  for (const { exchange, names: known, symbol, instruments } of contracts) {
    const marketOf = (name: string) => known.map((venue) => listed.get(`${plain(venue)} ${plain(name)}`)).find((one) => one !== undefined);
    const found = instruments.flatMap((name) => marketOf(name) ?? []);
    const missing = instruments.filter((name) => marketOf(name) === undefined);
    const total = (counts.get(exchange) ?? 0) + found.length;
    if (missing.length > 0) lacking[exchange] = [...(lacking[exchange] ?? []), ...missing].slice(0, MAX_LACKING);
    else if (total <= MAX_MARKETS) {
      counts.set(exchange, total);
      for (const market of found) matched.push({ exchange, symbol, market });
    }
  }
  return { markets: matched, lacking };
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

export function historyPath(markets: readonly string[], fromTime: number, toTime: number): string {
  const query = new URLSearchParams({
    symbols: markets.join(","),
    interval: "1hour",
    from: String(Math.floor(fromTime / 1_000)),
    to: String(Math.floor(toTime / 1_000)),
    convert_to_usd: "true",
  });
  return `/v1/liquidation-history?${query.toString()}`;
}

/**
 * @returns the USD by start of the hour, ms: [long, short] over these markets. An hour that no market names is absent: nothing
 *   says whether it had none or was not collected.
 * @throws where the answer has not the documented shape, names a market that was not asked for, or an hour twice
 */
export function hourlyUsd(answer: unknown, markets: readonly string[]): ReadonlyMap<number, readonly [long: number, short: number]> {
  const hours = new Map<number, readonly [number, number]>();
  const seen = new Set<string>();
  for (const { symbol, history } of histories.parse(answer)) {
    if (!markets.includes(symbol)) throw new Error(`the answer has the market ${symbol.slice(0, 40)}, which was not asked for`);
    for (const { t, l, s } of history) {
      if (t % 3_600 !== 0) throw new Error(`the answer has the time ${t}, which does not begin an hour`);
      if (seen.has(`${symbol} ${t}`)) throw new Error(`the answer has the time ${t} of ${symbol.slice(0, 40)} twice`);
      seen.add(`${symbol} ${t}`);
      const [long, short] = hours.get(t * 1_000) ?? [0, 0];
      hours.set(t * 1_000, [long + l, short + s]);
    }
  }
  return hours;
}
