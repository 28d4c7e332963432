import type { SignalRecord } from "../../src/signals/ledger.ts";
import { type ScannedRows, scanPage } from "../d1/scan-page.ts";
import type { Action, Analyst } from "../../src/signals/verdict.ts";
import { SIGNAL_COLUMNS, type SignalRow, listedRecordOf, recordOf } from "./signal-row.ts";

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

type ListedSignal = Omit<SignalRecord, "statistics"> & { readonly statistics?: SignalRecord["statistics"] | undefined };

/** A page of the ledger in its own order, newest or oldest first. */
export async function signalPage(
  db: D1Database,
  { symbol, action, analyst, order, after, limit, withStatistics }: SignalPage,
): Promise<ScannedRows<ListedSignal>> {
  const { rows, stoppedAt } = await scanPage<SignalRow>(db, {
    columns: SIGNAL_COLUMNS.filter((name) => withStatistics || name !== "statistics").map((name) => `"${name}"`),
    from: symbol === null ? "signals" : "signals INDEXED BY signals_by_symbol",
    key: ["sequence"],
    order,
    within: symbol === null ? [] : [["symbol = ?", [symbol]]],
    filters: [
      ...(action === null ? [] : [["action = ?", [action]] as const]),
      ...(analyst === null ? [] : [["analyst = ?", [analyst]] as const]),
    ],
    after: after === null ? null : [after],
    limit,
  });
  return { rows: rows.map((row) => (withStatistics ? recordOf(row) : listedRecordOf(row))), stoppedAt };
}
