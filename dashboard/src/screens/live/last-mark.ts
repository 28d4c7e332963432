import type { MarkCandle } from "../../api/schema.ts";

/** A mark price of one venue, and when it was that. */
export interface VenuePrice {
  readonly price: number;
  readonly time: number;
  readonly exchange: string;
}

/**
 * The newest mark price of a base asset on the venue whose prices the chart shows: those of venues differ, and a price that
 * changes its venue with each liquidation would jump by the difference. Null where none is known.
 * @param stepMs length of the stored candles
 * @param marksTo until when they may hold prices, ms
 * @param prices the newest of each venue among the liquidations of the base asset
 */
export function lastMark(marks: readonly MarkCandle[], stepMs: number, marksTo: number, prices: readonly VenuePrice[]): VenuePrice | null {
  const newest = (list: readonly VenuePrice[]) =>
    list.reduce<VenuePrice | null>((found, price) => (found === null || price.time > found.time ? price : found), null);
  const candle = marks.at(-1);
  if (candle === undefined) return newest(prices);
  const { exchange, time, close } = candle;
  const stored = { exchange, price: close, time: Math.min(time + stepMs, marksTo) };
  return newest([stored, ...prices.filter((price) => price.exchange === exchange)]);
}
