import * as z from "zod";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { EXCHANGES, POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type Totals, addTotals } from "../../src/windows/totals.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from "../cron/retention.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { type SeriesTotal, seriesTotals, seriesTotalsOf } from "../d1/series-reads.ts";
import { archiveOff } from "./archive-off.ts";
import { coverageOf } from "./coverage.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "./cursor.ts";
import { parameters, requireCollected, requireRange } from "./parameters.ts";
import { ProblemError } from "./problem.ts";
import { readRoute } from "./read-route.ts";

const PATH = "/v1/totals";

interface Interval {
  readonly stepMs: number;
  readonly keptMs: number;
  /** The range where none is asked for, ms. */
  readonly usualMs: number;
}

const INTERVALS: Readonly<Record<"1m" | "1h" | "1d", Interval>> = {
  "1m": { stepMs: MINUTE_MS, keptMs: MINUTES_KEPT_MS, usualMs: 4 * HOUR_MS },
  "1h": { stepMs: HOUR_MS, keptMs: HOURS_KEPT_MS, usualMs: 7 * DAY_MS },
  "1d": { stepMs: DAY_MS, keptMs: HOURS_KEPT_MS, usualMs: 90 * DAY_MS },
};

const query = z.strictObject({
  symbol: parameters.symbol,
  interval: parameters.interval.default("1m"),
  start: parameters.time.optional(),
  end: parameters.time.optional(),
  limit: parameters.limit.default(500),
  cursor: parameters.cursor.optional(),
});
type Query = z.output<typeof query>;

/** The range as it was when the first page was asked for, and the start of the first step not yet given. */
const cursorPlace = z.tuple([z.int(), z.int(), z.int()]);

/**
 * A symbol's totals by minute, hour or day (UTC), oldest first. The range is widened to whole steps. A step without an
 * event has no row: whether it was quiet or not heard, the gaps say.
 */
export const totalsRoute = readRoute({
  path: PATH,
  query,
  answer: async (c, asked: Query) => {
    const config = c.get("config");
    const { symbol, limit } = asked;
    requireCollected(config, symbol);
    const interval = INTERVALS[asked.interval];
    const fingerprint = await queryFingerprint(PATH, asked);
    const { range, from } = pageOf(asked, interval, c.get("around").now(), fingerprint);
    const [rows, gapRows] = await c.env.DB.batch([
      seriesTotals(
        c.env.DB,
        symbol,
        interval.stepMs,
        { start: from, end: range.end },
        (limit + 1) * EXCHANGES.length * POSITION_SIDES.length,
      ),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range),
    ]);
    const steps = byStep(seriesTotalsOf(rows));
    const next = steps[limit];
    const shown = steps.slice(0, limit);
    const present = shown.flatMap((step) => step.rows.map((row) => row.exchange));
    const { gaps, truncated } = gapsOf(gapRows);
    const meta = {
      count: shown.length,
      next_cursor: next === undefined ? null : encodeCursor(fingerprint, [range.start, range.end, next.time]),
      coverage: coverageOf(config, present),
      gaps,
      gaps_truncated: truncated,
      not_covered:
        asked.start !== undefined && asked.start < range.start - interval.stepMs
          ? archiveOff({ start: asked.start, end: range.start })
          : null,
    };
    return { data: shown.map(point), meta };
  },
});

function pageOf(asked: Query, interval: Interval, now: number, fingerprint: string): { readonly range: TimeRange; readonly from: number } {
  if (asked.cursor !== undefined) {
    const [start, end, from] = decodeCursor(asked.cursor, fingerprint, cursorPlace);
    return { range: { start, end }, from };
  }
  const wanted = requireRange(asked, now, interval.usualMs);
  const keptFrom = ceilTo(now - interval.keptMs, interval.stepMs);
  const end = ceilTo(wanted.end, interval.stepMs);
  if (end <= keptFrom) throw new ProblemError("archive_off", archiveOff(wanted).detail);
  const start = Math.max(floorTo(wanted.start, interval.stepMs), keptFrom);
  return { range: { start, end }, from: start };
}

interface Step {
  readonly time: number;
  readonly rows: readonly SeriesTotal[];
}

function byStep(rows: readonly SeriesTotal[]): readonly Step[] {
  return [...Map.groupBy(rows, (row) => row.time)].map(([time, group]) => ({ time, rows: group }));
}

type Sides = Readonly<Record<PositionSide, Totals>>;

function point({ time, rows }: Step): object {
  const venues = EXCHANGES.filter((name) => rows.some((row) => row.exchange === name));
  const exchanges = venues.map((name): [ExchangeName, Sides] => [name, sidesOf(rows.filter((row) => row.exchange === name))]);
  return { time, sides: sidesOf(rows), exchanges: Object.fromEntries(exchanges) };
}

function sidesOf(rows: readonly SeriesTotal[]): Sides {
  const side = (name: PositionSide) => addTotals(rows.filter((row) => row.position_side === name));
  return { long: side("long"), short: side("short") };
}
