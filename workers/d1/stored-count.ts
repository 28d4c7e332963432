import type { ExchangeName } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsBySymbol } from "./summed-symbols.ts";

/** From the totals, which are kept for longer than the events and are recomputed from them with every write. */
const COUNT = `SELECT coalesce(sum(events), 0) AS rows FROM ${rowsBySymbol("minute_totals")} WHERE minute >= ?1 AND minute < ?2 AND exchange = ?3`;

/** The number of rows of a venue that D1 has stored in a range of whole minutes, without inferred ones. */
export async function countStored(db: D1Database, exchange: ExchangeName, { start, end }: TimeRange): Promise<number> {
  return (await db.prepare(COUNT).bind(start, end, exchange).first<number>("rows")) ?? 0;
}
