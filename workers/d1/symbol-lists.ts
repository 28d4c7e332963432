import type { ListedSymbol } from "../../src/listed-symbol.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { type D1Read, readTogether } from "./d1-read.ts";
import { rowsOf } from "./rows-of.ts";

/** When the table of contracts of each venue was read, ms; a venue that was not read yet is absent. */
export async function listTimes(db: D1Database): Promise<ReadonlyMap<ExchangeName, number>> {
  const { results } = await db
    .prepare("SELECT exchange, loaded_time FROM symbol_lists")
    .all<{ exchange: ExchangeName; loaded_time: number }>();
  return new Map(results.map(({ exchange, loaded_time }) => [exchange, loaded_time]));
}

const INSERT = `
  INSERT INTO listed_symbols (symbol, exchange, trading, halted)
  SELECT value ->> 0, ?1, value ->> 1, value ->> 2 FROM json_each(?2)`;

const NOTE = "INSERT INTO symbol_lists (exchange, loaded_time) VALUES (?1, ?2) ON CONFLICT (exchange) DO UPDATE SET loaded_time = ?2";

/** Replaces what a venue lists, in one transaction. */
export async function replaceList(
  db: D1Database,
  exchange: ExchangeName,
  list: readonly ListedSymbol[],
  loadedTime: number,
): Promise<void> {
  const rows = list.map(({ symbol, trading, halted }) => [symbol, trading, halted]);
  await db.batch([
    db.prepare("DELETE FROM listed_symbols WHERE exchange = ?1").bind(exchange),
    db.prepare(INSERT).bind(exchange, JSON.stringify(rows)),
    db.prepare(NOTE).bind(exchange, loadedTime),
  ]);
}

/** What one venue lists of one base asset. */
export interface VenueListing extends ListedSymbol {
  readonly exchange: ExchangeName;
}

type Row = Omit<VenueListing, "trading" | "halted"> & { readonly trading: string; readonly halted: string };

const listingOf = ({ trading, halted, ...row }: Row): VenueListing => ({
  ...row,
  trading: JSON.parse(trading) as readonly string[],
  halted: JSON.parse(halted) as readonly string[],
});

/** The listings of these base assets. */
export async function listingsOf(db: D1Database, symbols: readonly string[]): Promise<readonly VenueListing[]> {
  const sql = "SELECT symbol, exchange, trading, halted FROM json_each(?1) AS wanted CROSS JOIN listed_symbols WHERE symbol = wanted.value";
  return (await db.prepare(sql).bind(JSON.stringify(symbols)).all<Row>()).results.map(listingOf);
}

/** A base asset with what each venue lists of it. */
export interface SymbolListings {
  readonly symbol: string;
  readonly listings: readonly VenueListing[];
}

/** ?1 after which name, ?2 the venues as JSON, ?3 how many. Venues are looked up as text, which D1 does not count as rows read. */
const PAGE = (from: string) => `
  SELECT symbol, json_group_array(json_array(exchange, json(trading), json(halted))) AS listings FROM listed_symbols ${from}
  GROUP BY symbol ORDER BY symbol LIMIT ?3`;
const PAGE_OF_VENUES = PAGE(`WHERE symbol > ?1 AND instr(?2, '"' || exchange || '"') > 0`);
const PAGE_OF_VENUE = PAGE("INDEXED BY listed_symbols_by_exchange WHERE exchange = ?2 ->> 0 AND symbol > ?1");

/** The base assets that any of these venues lists, in alphabetical order, after a name, with what these venues list of them. */
export async function listedPage(
  db: D1Database,
  exchanges: readonly ExchangeName[],
  after: string,
  limit: number,
): Promise<readonly SymbolListings[]> {
  const { results } = await db
    .prepare(exchanges.length === 1 ? PAGE_OF_VENUE : PAGE_OF_VENUES)
    .bind(after, JSON.stringify(exchanges), limit)
    .all<{ symbol: string; listings: string }>();
  return results.map(({ symbol, listings }) => ({
    symbol,
    listings: (JSON.parse(listings) as readonly (readonly [ExchangeName, readonly string[], readonly string[]])[]).map(
      ([exchange, trading, halted]) => ({ symbol, exchange, trading, halted }),
    ),
  }));
}

/** ?1 base assets as JSON: which of them each venue lists, of those whose table was read. */
const LISTED = `
  SELECT exchange,
    (SELECT json_group_array(wanted.value) FROM json_each(?1) AS wanted CROSS JOIN listed_symbols AS listed
      WHERE listed.symbol = wanted.value AND listed.exchange = read.exchange) AS symbols
  FROM symbol_lists AS read`;

/** Which of these base assets each venue lists, for a batch; read it with `isListedIn`. */
export function listedStatement(db: D1Database, symbols: readonly string[]): D1PreparedStatement {
  return db.prepare(LISTED).bind(JSON.stringify(symbols));
}

/** Whether a venue lists one of these base assets; one whose table was never read may list any. */
export function isListedIn(result: D1Result | undefined): (exchange: ExchangeName, symbols: readonly string[]) => boolean {
  const rows = rowsOf<{ exchange: ExchangeName; symbols: string }>(result);
  const listed = new Map(rows.map(({ exchange, symbols }) => [exchange, new Set(JSON.parse(symbols) as readonly string[])]));
  return (exchange, symbols) => symbols.some((symbol) => listed.get(exchange)?.has(symbol) ?? true);
}

/** The base assets that each of these venues lists as trading; a venue whose table was never read has none. */
export async function tradingSymbols(
  db: D1Database,
  exchanges: readonly ExchangeName[],
): Promise<ReadonlyMap<ExchangeName, readonly string[]>> {
  const sql = "SELECT exchange, symbol FROM listed_symbols WHERE trading <> '[]' ORDER BY symbol";
  const { results } = await db.prepare(sql).all<{ exchange: ExchangeName; symbol: string }>();
  const trading = Map.groupBy(results, ({ exchange }) => exchange);
  return new Map(exchanges.map((exchange) => [exchange, (trading.get(exchange) ?? []).map(({ symbol }) => symbol)]));
}

/** Base assets that any of these venues lists, in alphabetical order, after a name. */
export async function listedNames(
  db: D1Database,
  exchanges: readonly ExchangeName[],
  after: string,
  limit: number,
): Promise<readonly string[]> {
  // Of all venues there is nothing to compare, which D1 would count as another row read.
  const isAll = EXCHANGES.every((name) => exchanges.includes(name));
  const sql = `
    SELECT DISTINCT symbol FROM listed_symbols
    WHERE symbol > ?1 AND ${isAll ? "?2 <> ''" : "+exchange IN (SELECT value FROM json_each(?2))"} ORDER BY symbol LIMIT ?3`;
  const { results } = await db.prepare(sql).bind(after, JSON.stringify(exchanges), limit).all<{ symbol: string }>();
  return results.map(({ symbol }) => symbol);
}

/** What D1 knows of one base asset. */
export interface SymbolKnowledge {
  /** Number of these venues whose table of contracts was read. */
  readonly lists: number;
  /** Number of these venues that list it. */
  readonly listings: number;
  /** 1 where a liquidation of it was ever stored, as far as totals are kept; else 0. */
  readonly stored: number;
}

const KNOWLEDGE = `
  SELECT (SELECT count(*) FROM symbol_lists WHERE exchange IN (SELECT value FROM json_each(?2))) AS lists,
         (SELECT count(*) FROM listed_symbols WHERE symbol = ?1 AND exchange IN (SELECT value FROM json_each(?2))) AS listings,
         EXISTS (SELECT 1 FROM hour_totals WHERE symbol = ?1) OR EXISTS (SELECT 1 FROM liquidations WHERE symbol = ?1) AS stored`;

export async function symbolKnowledge(db: D1Database, symbol: string, exchanges: readonly ExchangeName[]): Promise<SymbolKnowledge> {
  const [found] = await readTogether(db, [knowledgeRead(db, symbol, exchanges)]);
  return found;
}

/** The same beside other reads. */
export function knowledgeRead(db: D1Database, symbol: string, exchanges: readonly ExchangeName[]): D1Read<SymbolKnowledge> {
  return {
    statements: [db.prepare(KNOWLEDGE).bind(symbol, JSON.stringify(exchanges))],
    valueOf: ([result]) => rowsOf<SymbolKnowledge>(result)[0] ?? { lists: 0, listings: 0, stored: 0 },
  };
}
