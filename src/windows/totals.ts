/** Totals of the liquidations of a range; a sum is null where it is unknown for every event. */
export interface Totals {
  readonly events: number;
  /** Number of events that `usd` does not include. */
  readonly events_without_usd: number;
  /** Number of events that `notional_mark_usd` does not include. */
  readonly events_without_notional_mark: number;
  readonly usd: number | null;
  readonly notional_mark_usd: number | null;
  /** Base units. */
  readonly quantity: number | null;
  /** The largest single `usd_value`. */
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

function addCounts(parts: readonly Totals[], name: "events" | "events_without_usd" | "events_without_notional_mark"): number {
  return parts.reduce((sum, part) => sum + part[name], 0);
}

function addKnown(parts: readonly Totals[], name: "usd" | "notional_mark_usd" | "quantity"): number | null {
  const known = parts.map((part) => part[name]).filter((value) => value !== null);
  return known.length === 0 && parts.length > 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
