import type { SignalRecord } from "../../src/signals/ledger.ts";
import type { Action, Analyst } from "../../src/signals/verdict.ts";
import { SIGNAL_COLUMNS, type SignalRow, recordOf } from "./signal-row.ts";

export interface SignalPage {
  readonly symbol: string | null;
  readonly action: Action | null;
  readonly analyst: Analyst | null;
  readonly order: "asc" | "desc";
  /** The last sequence number of the previous page. */
  readonly after: number | null;
  readonly limit: number;
  readonly withStatistics: boolean;
}

/** A page of the ledger in its own order, newest or oldest first. */
export async function signalPage(
  db: D1Database,
  { symbol, action, analyst, order, after, limit, withStatistics }: SignalPage,
): Promise<readonly (Omit<SignalRecord, "statistics"> & { readonly statistics?: SignalRecord["statistics"] | undefined })[]> {
  const columns = SIGNAL_COLUMNS.filter((name) => withStatistics || name !== "statistics");
  const conditions = [
    symbol === null ? null : (["symbol = ?", symbol] as const),
    action === null ? null : (["action = ?", action] as const),
    analyst === null ? null : (["analyst = ?", analyst] as const),
    after === null ? null : ([`sequence ${order === "asc" ? ">" : "<"} ?`, after] as const),
  ].filter((condition) => condition !== null);
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.map(([text]) => text).join(" AND ")}`;
  const { results } = await db
    .prepare(`SELECT ${columns.map((name) => `"${name}"`).join(", ")} FROM signals ${where} ORDER BY sequence ${order} LIMIT ?`)
    .bind(...conditions.map(([, value]) => value), limit)
    .all<SignalRow>();
  return results.map((row) => (withStatistics ? recordOf(row) : { ...row, paper: row.paper === 1, statistics: undefined }));
}
