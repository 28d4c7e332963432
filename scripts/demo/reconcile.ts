import type { LedgerEvent } from "../simulator/ledger.ts";
import type { StoredRow } from "./stored-rows.ts";

export interface Reconciliation {
  readonly store: string;
  /** Rows that were received before this run. */
  readonly before: number;
  /** Rows received in this run. */
  readonly stored: number;
  /** Liquidations sent that the store lacks. */
  readonly missing: readonly string[];
  /** Rows that were never sent, or more than once in the store. */
  readonly surplus: readonly string[];
}

/**
 * Compares a store with what the venues of this run published: each liquidation on the wire once, none besides. What the store was
 * given before the run, a history or another run with the same state, is not this run's and is only counted.
 * @param ledger all that the venues had to show; an event that no socket received is not owed, but may come from a venue's history
 * @param since when the run began, ms: what was received from then on is its own
 */
export function reconcile(store: string, ledger: readonly LedgerEvent[], rows: readonly StoredRow[], since = 0): Reconciliation {
  const left = countByKey(ledger.filter(({ sent_time }) => sent_time !== null));
  const unreceived = countByKey(ledger.filter(({ sent_time, in_history }) => sent_time === null && in_history));
  const seenIds = new Set<string>();
  const surplus: string[] = [];
  const own = rows.filter(({ received_time: time }) => time >= since);
  for (const row of own) {
    const taken = !seenIds.has(row.event_id) && (takeOne(left, keyOf(row)) || takeOne(unreceived, keyOf(row)));
    if (!taken) surplus.push(row.event_id);
    seenIds.add(row.event_id);
  }
  const missing = [...left].flatMap(([key, count]) => Array.from({ length: count }, () => key));
  return { store, before: rows.length - own.length, stored: own.length, missing, surplus };
}

export function isWhole(reconciliation: Reconciliation): boolean {
  return reconciliation.missing.length === 0 && reconciliation.surplus.length === 0;
}

function countByKey(events: readonly LedgerEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(keyOf(event), (counts.get(keyOf(event)) ?? 0) + 1);
  return counts;
}

function takeOne(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0;
  if (count > 0) counts.set(key, count - 1);
  return count > 0;
}

/** Where a venue's history says less of the time than its socket, ms. */
const HISTORY_RESOLUTION_MS: Readonly<Record<string, number>> = { gate: 1000 };

type Compared = Pick<StoredRow, "exchange" | "instrument" | "position_side" | "event_time" | "quantity">;

/** What tells liquidations of the ledger and of a store apart. Binary floating point spells one quantity in several ways, hence ten digits. */
export function keyOf(event: (Compared & Pick<LedgerEvent, "key">) | (Compared & Pick<StoredRow, "event_id">)): string {
  const time = event.event_time - (event.event_time % (HISTORY_RESOLUTION_MS[event.exchange] ?? 1));
  const when = event.exchange === "bitmex" ? bitmexOrder(event) : time;
  return [event.exchange, event.instrument, event.position_side, when, event.quantity?.toPrecision(10)].join(" ");
}

/** BitMEX gives no time, so that each row has that of its own receipt; but each of its orders has an id. */
function bitmexOrder(event: Pick<LedgerEvent, "key"> | Pick<StoredRow, "event_id">): string {
  // `<order>|<ordinal>`, and `bitmex:<contract>:<order>`, for a rise with the sizes before and after it.
  return ("key" in event ? event.key.split("|")[0] : event.event_id.split(":")[2]) ?? "";
}
