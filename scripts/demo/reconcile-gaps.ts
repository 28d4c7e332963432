import { type Gap, isContractGap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";
import { keyOf } from "./reconcile.ts";
import type { StoredRow } from "./stored-rows.ts";

/** Rows of one store, by its name. */
export type Stores = Readonly<Record<string, readonly StoredRow[]>>;

/** What became of a venue's liquidations. */
export interface VenueAccount {
  readonly exchange: ExchangeName;
  readonly published: number;
  /** In every store once. */
  readonly whole: number;
  /** In no store, and inside a recorded gap. */
  readonly inGaps: number;
  /** In no store, and published more than a minute before the venue's own clock says they happened: refused. */
  readonly ahead: number;
  /** In no store, because the venue withheld it from all subscribers for so short a time that nobody can notice. */
  readonly withheld: number;
  /** In no store and in no gap. */
  readonly lost: readonly LedgerEvent[];
  /** In some stores only. */
  readonly partial: readonly string[];
  /** Rows that were never published, or more than once in a store. */
  readonly surplus: readonly string[];
}

/** A venue's clock may be ahead by a minute; what is timed later is refused. A second either way is not judged. */
const MAX_AHEAD_MS = 60_000;

/** What is known of the venues beside their ledger. */
export interface Circumstances {
  /** The real time at which an event was published, ms; a venue's clock may have been off. */
  publishedAt(event: LedgerEvent): number;
  isWithheld(event: LedgerEvent): boolean;
}

/**
 * Accounts for everything that a venue published, whether or not anybody was subscribed: each liquidation is in every
 * store once, or in none and inside a gap.
 *
 * @param ledger of this venue, only what was published
 * @param gaps of this venue, and of its single contracts
 */
export function accountFor(
  exchange: ExchangeName,
  ledger: readonly LedgerEvent[],
  stores: Stores,
  gaps: readonly Gap[],
  { publishedAt, isWithheld }: Circumstances,
): VenueAccount {
  const counted = Object.entries(stores).map(([store, rows]) => ({
    store,
    left: countRows(rows.filter((row) => row.exchange === exchange)),
  }));
  let [whole, inGaps, ahead, withheld] = [0, 0, 0, 0];
  const lost: LedgerEvent[] = [];
  const partial: string[] = [];
  for (const event of ledger) {
    const key = keyOf(event);
    const having = counted.filter(({ left }) => takeOne(left, key)).map(({ store }) => store);
    if (having.length === counted.length) whole += 1;
    else if (having.length > 0) partial.push(`${key}: only in ${having.join(", ")}`);
    else if (isCovered(event, publishedAt(event), gaps)) inGaps += 1;
    else if (event.event_time > publishedAt(event) + MAX_AHEAD_MS - 1_000) ahead += 1;
    else if (isWithheld(event)) withheld += 1;
    else lost.push(event);
  }
  const surplus = counted.flatMap(({ store, left }) => [...left].filter(([, ids]) => ids.length > 0).map(([key]) => `${store}: ${key}`));
  return { exchange, published: ledger.length, whole, inGaps, ahead, withheld, lost, partial, surplus };
}

/** The time of the event counts; one that was published late may also belong to the gap in which that was. */
function isCovered(event: LedgerEvent, published: number, gaps: readonly Gap[]): boolean {
  const own = gaps.filter((gap) => !isContractGap(gap) || gap.contract === event.instrument);
  return [event.event_time, published].some((time) =>
    own.some(({ from_time: from, to_time: to }) => time >= from && time <= (to ?? Number.POSITIVE_INFINITY)),
  );
}

function countRows(rows: readonly StoredRow[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const row of rows) ids.set(keyOf(row), [...(ids.get(keyOf(row)) ?? []), row.event_id]);
  return ids;
}

function takeOne(left: Map<string, string[]>, key: string): boolean {
  return left.get(key)?.pop() !== undefined;
}
