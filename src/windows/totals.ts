/** Totals of the liquidations of a range; a sum is null where it is unknown for every event. */
export interface Totals {
  readonly events: number;
  /** Number of events that `usd` does not include. */
  readonly events_without_usd: number;
  /** Number of events that `notional_mark_usd` does not include. */
  readonly events_without_notional_mark: number;
  /** Flow USD, see `flowUsd`. */
  readonly usd: number | null;
  readonly notional_mark_usd: number | null;
  /** Base units. */
  readonly quantity: number | null;
  /** The largest single flow USD. */
  readonly max_usd: number | null;
}

/** Adds totals of different venues, sides or times. Without any they are a measured zero, with no largest event. */
export function addTotals(parts: readonly Totals[]): Totals {
  return {
    events: addCounts(parts, "events"),
    events_without_usd: addCounts(parts, "events_without_usd"),
    events_without_notional_mark: addCounts(parts, "events_without_notional_mark"),
    usd: addKnown(parts, "usd"),
    notional_mark_usd: addKnown(parts, "notional_mark_usd"),
    quantity: addKnown(parts, "quantity"),
    max_usd: parts.reduce<number | null>((most, { max_usd: usd }) => (usd === null || (most !== null && most >= usd) ? most : usd), null),
  };
}

export function addCounts<Name extends "events" | "events_without_usd" | "events_without_notional_mark">(
  parts: readonly Readonly<Record<Name, number>>[],
  name: Name,
): number {
  let sum = 0;
  for (const part of parts) sum += part[name];
  return sum;
}

/** The sum of the known values; null where there are parts, and none of them has one. */
export function addKnown<Name extends "usd" | "notional_mark_usd" | "quantity">(
  parts: readonly Readonly<Record<Name, number | null>>[],
  name: Name,
): number | null {
  let sum = 0;
  let isKnown = parts.length === 0;
  for (const { [name]: value } of parts) {
    if (value === null) continue;
    sum += value;
    isKnown = true;
  }
  return isKnown ? sum : null;
}
