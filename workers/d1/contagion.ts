import type { Contagion } from "../../src/contagion/contagion.ts";

/** Fits older than this are deleted when a newer one is stored, ms. */
const KEPT_MS = 400 * 86_400_000;

/** The newest fit of a base asset, or null. */
export async function newestContagion(db: D1Database, symbol: string): Promise<Contagion | null> {
  const sql = "SELECT fit FROM contagion WHERE symbol = ? ORDER BY end_time DESC LIMIT 1";
  const text = await db.prepare(sql).bind(symbol).first<string>("fit");
  return text === null ? null : (JSON.parse(text) as Contagion);
}

/** Those of these base assets that have a fit of the window. */
export async function fittedSymbols(db: D1Database, endTime: number, symbols: readonly string[]): Promise<ReadonlySet<string>> {
  const sql = "SELECT symbol FROM json_each(?2) CROSS JOIN contagion WHERE symbol = json_each.value AND end_time = ?1";
  const { results } = await db.prepare(sql).bind(endTime, JSON.stringify(symbols)).all<{ symbol: string }>();
  return new Set(results.map(({ symbol }) => symbol));
}

/** Storing the same fit again changes nothing. */
export async function storeContagion(db: D1Database, fit: Contagion): Promise<void> {
  await db.batch([
    db
      .prepare(
        "INSERT INTO contagion (symbol, end_time, fit) VALUES (?1, ?2, ?3) ON CONFLICT (symbol, end_time) DO UPDATE SET fit = excluded.fit",
      )
      .bind(fit.symbol, fit.end_time, JSON.stringify(fit)),
    db.prepare("DELETE FROM contagion WHERE symbol = ? AND end_time < ?").bind(fit.symbol, fit.end_time - KEPT_MS),
  ]);
}
