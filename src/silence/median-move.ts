import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";

/** The last mark price of a venue in a minute. */
export interface MinuteClose {
  readonly exchange: ExchangeName;
  readonly minute: number;
  readonly close: number;
}

/**
 * The absolute move of the newest two minutes that follow each other, of each venue: marks of two venues differ by their basis.
 * @returns the median over the venues, bps; null where no venue has two such minutes
 */
export function medianMove(closes: readonly MinuteClose[]): number | null {
  const moves: number[] = [];
  for (const own of Map.groupBy(closes, ({ exchange }) => exchange).values()) {
    const sorted = own.toSorted((a, b) => b.minute - a.minute);
    const last = sorted.find(({ minute }) => own.some((one) => one.minute === minute - MINUTE_MS));
    const before = own.find(({ minute }) => minute + MINUTE_MS === last?.minute);
    if (last !== undefined && before !== undefined) moves.push(Math.abs(Math.log(last.close / before.close)) * 1e4);
  }
  moves.sort((a, b) => a - b);
  return moves[Math.floor(moves.length / 2)] ?? null;
}
