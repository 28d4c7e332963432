import type { ExchangeName } from "../../liquidation.ts";

/**
 * The id of a liquidation on venues that give none: readable, and a pure function of the venue's own fields, so that
 * a repeat over reconnect or REST collapses with the first. The venue may spell the same number `1.50` and `1.5`;
 * as numbers they are one.
 *
 * @param side the venue's own word for it
 * @param quantity in the venue's unit, not rescaled; likewise the price
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
 * Tells identical rows of one frame apart: the first keeps its id, the next ones get `:1`, `:2` and so on. A frame
 * that is sent again numbers them alike.
 *
 * @param seen lives as long as the frame; null for a frame of one row, which has no twins
 */
export function distinctInFrame(id: string, seen: Map<string, number> | null): string {
  if (seen === null) return id;
  const twins = seen.get(id);
  seen.set(id, (twins ?? 0) + 1);
  return twins === undefined ? id : `${id}:${twins}`;
}
