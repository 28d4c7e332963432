import type { ExchangeName } from "../../liquidation.ts";

/**
 * The id of a liquidation on venues without ids: readable, and a pure function of the venue's own fields, so that
 * repetitions over reconnect or REST get the same id. The venue may write the same number as `1.50` and `1.5`; as
 * numbers they are equal.
 *
 * @param side the venue's own term
 * @param quantity in the venue's unit, not rescaled, like the price
 */
export function eventId(
  exchange: ExchangeName,
  instrument: string,
  eventTime: number,
  side: string,
  quantity: number | null,
  price: number | null,
): string {
  return `${exchange}:${instrument}:${eventTime}:${side}:${quantity ?? ""}:${price ?? ""}`;
}

/**
 * Distinguishes identical rows of one frame: the first keeps its id, the next ones get `:1`, `:2` and so on. A frame
 * that is sent again numbers them in the same way.
 *
 * @param seen scope of one frame; null for a frame with a single row
 */
export function distinctInFrame(id: string, seen: Map<string, number> | null): string {
  if (seen === null) return id;
  const twins = seen.get(id);
  seen.set(id, (twins ?? 0) + 1);
  return withOrdinal(id, twins ?? 0);
}

/** The id of one of several rows with the same fields: the first keeps it. */
export function withOrdinal(id: string, ordinal: number): string {
  return ordinal === 0 ? id : `${id}:${ordinal}`;
}
