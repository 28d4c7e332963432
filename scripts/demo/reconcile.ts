import type { LedgerEvent } from "../../test/venues/ledger.ts";
import type { StoredRow } from "./stored-rows.ts";

export interface Reconciliation {
  readonly store: string;
  /** Rows in the store. */
  readonly stored: number;
  /** Liquidations sent that the store lacks. */
  readonly missing: readonly string[];
  /** Rows that were never sent, or more than once in the store. */
  readonly surplus: readonly string[];
}

/** Compares a store with what the venues put on the wire: each liquidation once, none besides. */
export function reconcile(store: string, sent: readonly LedgerEvent[], rows: readonly StoredRow[]): Reconciliation {
  const left = new Map<string, number>();
  for (const event of sent) left.set(keyOf(event), (left.get(keyOf(event)) ?? 0) + 1);
  const seenIds = new Set<string>();
  const surplus: string[] = [];
  for (const row of rows) {
    const count = left.get(keyOf(row)) ?? 0;
    if (count === 0 || seenIds.has(row.event_id)) surplus.push(row.event_id);
    else left.set(keyOf(row), count - 1);
    seenIds.add(row.event_id);
  }
  const missing = [...left].flatMap(([key, count]) => Array.from({ length: count }, () => key));
  return { store, stored: rows.length, missing, surplus };
}

export function isWhole(reconciliation: Reconciliation): boolean {
  return reconciliation.missing.length === 0 && reconciliation.surplus.length === 0;
}

/** Binary floating point spells one quantity in several ways, hence ten digits. */
function keyOf(event: Pick<StoredRow, "exchange" | "instrument" | "position_side" | "event_time" | "quantity">): string {
  return [event.exchange, event.instrument, event.position_side, event.event_time, event.quantity?.toPrecision(10)].join(" ");
}
