import { utcDate } from "../../src/batch-object.ts";
import { FIT_DAYS, fitEstimates } from "../../src/estimates/fit-estimates.ts";
import { OTHER_SYMBOLS, emptyFit } from "../../src/estimates/fit.ts";
import { venueTapes } from "../../src/estimates/tape.ts";
import { venueThrottle } from "../../src/estimates/venue-throttle.ts";
import type { Gap } from "../../src/gap.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { Stores } from "../daily/stores.ts";
import { deleteTapes, readTapes, storeTape } from "../daily/estimate-tape.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { saveFits } from "../d1/estimate-fits.ts";

/** A day without a file may lie between the 14. */
const SEARCHED_DAYS = FIT_DAYS + 7;
/** As many as the memory of a Worker holds with what the fit makes of them, at some 100 bytes each: 40,000 a day. */
const MAX_ROWS = 14 * 40_000;

/**
 * Fits the estimates on the last 14 days that have a daily file. Each step prepares one day, and the last one fits.
 * @returns whether more is left
 */
export async function fitEstimatesStep(env: Stores, now: number): Promise<{ readonly more: boolean; readonly record: object }> {
  const today = floorTo(now, DAY_MS);
  const dates: string[] = [];
  for (let back = 1; back <= SEARCHED_DAYS && dates.length < FIT_DAYS; back += 1) {
    const date = utcDate(today - back * DAY_MS);
    const outcome = await storeTape(env.BUCKET, date);
    if (outcome === "stored") return { more: true, record: { prepared: date } };
    if (outcome === "kept") dates.push(date);
  }
  const [last] = dates;
  const range = { start: Date.parse(dates.at(-1) ?? utcDate(today)), end: last === undefined ? today : Date.parse(last) + DAY_MS };
  // With fewer days nothing is fitted, so nothing need be read.
  const rows = dates.length < FIT_DAYS ? [] : await readTapes(env.BUCKET, dates, MAX_ROWS);
  const fits =
    rows === null
      ? [emptyFit(OTHER_SYMBOLS, range, dates.length, `${dates.length} days have more liquidations than a fit holds, ${MAX_ROWS}`)]
      : fitEstimates(venueTapes(rows, venueThrottle, await readGaps(env.DB, range)), range, dates.length);
  await saveFits(env.DB, fits, now);
  await deleteTapes(env.BUCKET, dates);
  return { more: false, record: { days: dates.length, rows: rows?.length ?? null, fits: fits.length } };
}

/** More gaps than a venue has in three weeks in which it is mostly connected; of the oldest beyond them nothing is known. */
const MAX_GAPS = 20_000;

async function readGaps(db: D1Database, range: TimeRange): Promise<readonly Gap[]> {
  return gapsOf(await gapsInRange(db, EXCHANGES, range, MAX_GAPS).run(), MAX_GAPS).gaps;
}
