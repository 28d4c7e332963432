import type { ExchangeName } from "../../src/liquidation.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";

export type MinutePrices = Pick<MinuteMark, "minute" | "open" | "high" | "low" | "close" | "samples">;
export type PriceStep = Omit<MinutePrices, "minute"> & { readonly time: number };

/** The first of the venues that has the newest minute of the base asset in the range; null where none has any. */
export async function newestMarkedVenue(
  db: D1Database,
  symbol: string,
  venues: readonly ExchangeName[],
  { start, end }: TimeRange,
): Promise<ExchangeName | null> {
  // One step into the index for each venue.
  const newest = `(SELECT max(minute) FROM minute_marks WHERE symbol = ?1 AND exchange = value AND minute >= ?3 AND minute < ?4)`;
  return db
    .prepare(
      `SELECT exchange FROM (SELECT value AS exchange, key AS place, ${newest} AS minute FROM json_each(?2))
       WHERE minute IS NOT NULL ORDER BY minute DESC, place LIMIT 1`,
    )
    .bind(symbol, JSON.stringify(venues), start, end)
    .first<ExchangeName>("exchange");
}

/** A venue's minutes of a range, oldest first. */
export async function minutePrices(
  db: D1Database,
  symbol: string,
  exchange: ExchangeName,
  { start, end }: TimeRange,
): Promise<readonly MinutePrices[]> {
  const { results } = await db
    .prepare(
      `SELECT minute, open, high, low, close, samples FROM minute_marks
       WHERE symbol = ?1 AND exchange = ?2 AND minute >= ?3 AND minute < ?4 ORDER BY minute`,
    )
    .bind(symbol, exchange, start, end)
    .all<MinutePrices>();
  return results;
}

/** Minutes, oldest first, joined into longer steps; a step without a minute has no candle. */
export function priceSteps(minutes: readonly MinutePrices[], stepMs: number): readonly PriceStep[] {
  const steps = new Map<number, PriceStep>();
  for (const { minute, open, high, low, close, samples } of minutes) {
    const time = floorTo(minute, stepMs);
    const step = steps.get(time);
    steps.set(
      time,
      step === undefined
        ? { time, open, high, low, close, samples }
        : { ...step, high: Math.max(step.high, high), low: Math.min(step.low, low), close, samples: step.samples + samples },
    );
  }
  return [...steps.values()];
}
