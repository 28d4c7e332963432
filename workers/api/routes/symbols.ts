import * as z from "zod";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { type SymbolListings, type VenueListing, listTimes, listedPage, listingsOf } from "../../d1/symbol-lists.ts";
import type { ApiContext } from "../http/api-env.ts";
import { liquidatingVenues } from "../http/collected.ts";
import { type Frozen, jsonOperation } from "../http/json-operation.ts";
import { openPage, placeName } from "../http/page.ts";
import { parameters } from "../http/parameters.ts";
import { type CollectedSymbol, collectedSymbolSchema } from "../schemas/symbols.ts";

const PATH = "/v1/symbols";

/** What is collected: each base asset, and its state on each venue. */
export const symbolsRoute = jsonOperation({
  path: PATH,
  id: "listSymbols",
  cost: 3,
  cacheSeconds: 10,
  tag: "Status",
  summary: "List symbols",
  query: z.strictObject({
    exchange: parameters.exchange.optional(),
    limit: parameters.limit.default(100),
    cursor: parameters.cursor.optional(),
  }),
  description:
    "Returns the base assets that are collected, in alphabetical order, with their contracts and their state on each venue: those in LIQUIDATION_SYMBOLS, or all that a venue lists. A configured asset that no venue lists is shown with `collected` false. Every other operation answers 404 for an asset that is not collected. Whether a venue's feed is live is in `GET /v1/status`.",
  example: { query: { limit: "5" } },
  data: z.array(collectedSymbolSchema),
  answer: async (c, { query }) => {
    const config = c.get("config");
    const venues = query.exchange === undefined ? config.LIQUIDATION_EXCHANGES : [query.exchange];
    const page = await openPage(PATH, query, z.tuple([placeName]));
    const [times, found] = await Promise.all([listTimes(c.env.DB), symbolsAfter(c, venues, page.after?.[0] ?? "", page.rowsToRead)]);
    const { rows: shown, next_cursor } = page.close(found, ({ symbol }) => [symbol]);
    const liquidating = new Set(liquidatingVenues(config));
    const data = shown.map(({ symbol, listings }) => {
      const own = new Map(listings.map((listing) => [listing.exchange, listing]));
      const states = venues.map((name) => [name, stateOf(own.get(name), times.has(name), liquidating.has(name))] as const);
      return { symbol, collected: states.some(([, { state }]) => state === "collected"), exchanges: Object.fromEntries(states) };
    });
    return { data, meta: { count: data.length, next_cursor, coverage: coverageOf(config) } };
  },
});

async function symbolsAfter(
  c: ApiContext,
  venues: readonly ExchangeName[],
  after: string,
  limit: number,
): Promise<readonly SymbolListings[]> {
  const { LIQUIDATION_SYMBOLS: symbols } = c.get("config");
  if (symbols === "*") return listedPage(c.env.DB, venues, after, limit);
  const names = [...symbols]
    .toSorted()
    .filter((name) => name > after)
    .slice(0, limit);
  const bySymbol = Map.groupBy(await listingsOf(c.env.DB, names), ({ symbol }) => symbol);
  return names.map((symbol) => ({ symbol, listings: bySymbol.get(symbol) ?? [] }));
}

type Listing = NonNullable<CollectedSymbol["exchanges"][ExchangeName]>;

function stateOf(listing: VenueListing | undefined, isRead: boolean, isLiquidating: boolean): Frozen<Listing> {
  if (listing === undefined) return { state: isRead ? "not_listed" : "unknown", instruments: [] };
  const instruments = [...listing.trading, ...listing.halted];
  if (!isLiquidating) return { state: "no_liquidations", instruments };
  return { state: listing.trading.length > 0 ? "collected" : "halted", instruments };
}
