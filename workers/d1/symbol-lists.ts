import type { ListedSymbol } from "../../src/listed-symbol.ts";
import type { ExchangeName } from "../../src/liquidation.ts";

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
  const sql =
    "SELECT symbol, exchange, trading, halted FROM listed_symbols WHERE symbol IN (SELECT value FROM json_each(?1)) ORDER BY symbol";
  return (await db.prepare(sql).bind(JSON.stringify(symbols)).all<Row>()).results.map(listingOf);
}

/** Base assets that any of these venues lists, in alphabetical order, after a name. */
export async function listedNames(
  db: D1Database,
  exchanges: readonly ExchangeName[],
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const sql = `
    SELECT DISTINCT symbol FROM listed_symbols
    WHERE symbol > ?1 AND exchange IN (SELECT value FROM json_each(?2)) ORDER BY symbol LIMIT ?3`;
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
  const found = await db.prepare(KNOWLEDGE).bind(symbol, JSON.stringify(exchanges)).first<SymbolKnowledge>();
  return found ?? { lists: 0, listings: 0, stored: 0 };
}
