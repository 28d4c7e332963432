import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { estimateBySide, estimateByVenue } from "../../../src/estimates/estimate-by-side.ts";
import { type EstimateStep, estimateStep } from "../../../src/estimates/estimate-steps.ts";
import { ESTIMATE_METHODS, withheld } from "../../../src/estimates/estimate.ts";
import type { ExchangeName, PositionSide } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { type Totals, addTotals } from "../../../src/windows/totals.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from "../../../src/windows/kept.ts";
import { UNSETTLED, readEstimateReach, readEstimateSeries } from "../../d1/estimate-reads.ts";
import { GAPS_BESIDE_DAYS, gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import type { SeriesTotal } from "../../d1/series-reads.ts";
import { type Archive, archiveOf } from "../../supabase/archive.ts";
import { nothingCovered } from "../http/archive-problem.ts";
import { archiveBehind } from "./archive-behind.ts";
import { coverageOf, publishingVenues } from "../../../src/exchanges/coverage.ts";
import { isPossibleRange, openPage, placeTime } from "../http/page.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { ARCHIVE_PROBLEMS, badParameters } from "../http/problem.ts";
import { type Frozen, jsonOperation } from "../http/json-operation.ts";
import { type EstimatedStep, type TotalsPoint, totalsPointSchema } from "../schemas/totals.ts";
import { type Step, readSteps } from "./total-steps.ts";

const PATH = "/v1/totals";

interface Interval {
  readonly stepMs: number;
  readonly keptMs: number;
  /** The default length of the range, ms. */
  readonly usualMs: number;
}

const INTERVALS: Readonly<Record<"1m" | "1h" | "1d", Interval>> = {
  "1m": { stepMs: MINUTE_MS, keptMs: MINUTES_KEPT_MS, usualMs: 4 * HOUR_MS },
  "1h": { stepMs: HOUR_MS, keptMs: HOURS_KEPT_MS, usualMs: 7 * DAY_MS },
  "1d": { stepMs: DAY_MS, keptMs: HOURS_KEPT_MS, usualMs: 90 * DAY_MS },
};

const query = z.strictObject({
  symbol: parameters.symbol.meta({ description: "Base asset, over all quotes. Default: the sum over all base assets." }).optional(),
  interval: parameters.interval.default("1m"),
  estimate: z
    .enum(["true", "false"], { error: "must be true or false" })
    .meta({ description: "Adds `estimate` to each step: the estimated totals of all its liquidations, reported or not." })
    .default("false"),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  limit: parameters.limit.default(500),
  cursor: parameters.cursor.optional(),
});
type Query = z.output<typeof query>;

/** The range and the border between the stores as of the first page, and the start of the next step. */
const cursorPlace = z
  .tuple([placeTime, placeTime, placeTime, placeTime])
  .refine(([start, end, border, from]) => isPossibleRange(start, end) && start <= border && border <= end && start <= from && from < end);

interface PagePlace {
  readonly range: TimeRange;
  /** Steps before this one come from the archive, the others from D1. */
  readonly border: number;
  readonly from: number;
}

/** Totals of a symbol, or of all, by minute, hour or day (UTC), oldest first. A step without an event has no row. */
export const totalsRoute = jsonOperation({
  path: PATH,
  id: "listTotals",
  cost: 5,
  cacheSeconds: 10,
  tag: "Liquidations",
  summary: "List totals",
  query,
  description:
    "Returns the totals of one base asset, or over all, by minute, hour or day (UTC), per side and venue, oldest first. Without `symbol` a range has at most 1 day of minutes or 31 days of hours or days, and `quantity` is null. The range is widened to whole steps; its default length is 4 h for minutes, 7 days for hours and 90 days for days (31 without `symbol`). A step without events has no row; `meta.gaps` shows whether a venue was not connected at that time. Inferred liquidations are not included. With `estimate=true` each step has an estimate of all liquidations, with method and status, withheld where a venue had a gap in the step or the step is not settled: an estimate, not a measurement. The range then has at most 2 days of minutes or 93 of hours.",
  problems: ["unknown_symbol", ...ARCHIVE_PROBLEMS],
  example: { query: { symbol: "BTC", interval: "1h" } },
  data: z.array(totalsPointSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    const { symbol } = asked;
    if (symbol !== undefined) await requireCollected(c, symbol, { history: true });
    const interval = INTERVALS[asked.interval];
    const now = c.get("deps").now();
    const archive = archiveOf(config, now);
    const page = await openPage(PATH, asked, cursorPlace);
    const { range, border, from } = placeOf(asked, interval, now, archive, page.after);
    if (symbol === undefined) requireSummable(asked.interval, range, border);
    if (asked.estimate === "true") requireEstimable(asked.interval, range);
    const behind = range.start < border ? await archiveBehind(c, { start: range.start, end: Math.min(border, range.end) }) : null;
    const series = { symbol: symbol ?? null, interval: asked.interval, stepMs: interval.stepMs, range: { start: from, end: range.end } };
    const [steps, gapRows] = await Promise.all([
      readSteps(c.env.DB, config, series, border, page.rowsToRead),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range, GAPS_BESIDE_DAYS).run(),
    ]);
    const { rows: shown, next_cursor } = page.close(steps, (_last, next) => [range.start, range.end, border, next.time]);
    const present = shown.flatMap((step) => step.rows.map((row) => row.exchange));
    const { gaps, truncated } = gapsOf(gapRows, GAPS_BESIDE_DAYS);
    const meta = {
      count: shown.length,
      next_cursor,
      coverage: coverageOf(config, present),
      gaps,
      gaps_truncated: truncated,
      not_covered:
        asked.start !== undefined && asked.start < range.start - interval.stepMs
          ? archive.notCovered({ start: asked.start, end: range.start })
          : behind,
    };
    const estimated = asked.estimate === "true" ? await estimatesOf(c.env.DB, config, series, shown) : null;
    const data = shown.map((step) => ({ ...point(step), ...(estimated === null ? {} : { estimate: estimated(step.time) }) }));
    return { data, meta };
  },
});

/** The estimates of the steps of a page. */
async function estimatesOf(
  db: D1Database,
  config: Config,
  { symbol, stepMs }: { readonly symbol: string | null; readonly stepMs: number },
  shown: readonly Step[],
): Promise<(time: number) => EstimatedStep> {
  const exchanges = publishingVenues(config);
  const range = { start: shown[0]?.time ?? 0, end: (shown.at(-1)?.time ?? 0) + stepMs };
  const wanted = { range, symbols: symbol === null ? null : [symbol], exchanges };
  const read = shown.length === 0 ? [] : await readEstimateSeries(db, wanted, stepMs);
  const byTime = new Map(read.map((step) => [step.time, step]));
  const reach = shown.every(({ time }) => byTime.has(time)) ? null : await readEstimateReach(db);
  const rowsOf = new Map(shown.map(({ time, rows }) => [time, rows]));
  return (time) => {
    const rows = rowsOf.get(time) ?? [];
    const own = { start: time, end: time + stepMs };
    const reason = reach !== null && own.end <= reach.settled ? LATE : UNSETTLED;
    const found = byTime.get(time);
    const step = found === undefined || found.isLost ? withheldStep(own, rows, found?.total.reason ?? reason, exchanges) : found;
    return { sides: estimateBySide(step), exchanges: estimateByVenue(step) };
  };
}

/** A step without an estimate. What was reported in it is known all the same, from its totals. */
function withheldStep(range: TimeRange, rows: Step["rows"], reason: string, exchanges: readonly ExchangeName[]): EstimateStep {
  const entries = rows.map(({ exchange, position_side, usd, events }) => ({
    exchange,
    position_side,
    ...withheld({ reported_usd: usd ?? 0, reported_events: events }, ESTIMATE_METHODS.none, reason),
  }));
  return estimateStep(range, { entries, gaps: [], lost: [{ ...range, reason }], exchanges });
}

const LATE = "what was reported arrived after the estimate, or is of venues that are not collected any more";

/** A row of estimates is one of all base assets, so sparse totals would have many more of them than steps. */
function requireEstimable(interval: Query["interval"], { start, end }: TimeRange): void {
  const days = MAX_ESTIMATED_DAYS[interval];
  if (end - start > (days + 1) * DAY_MS) {
    throw badParameters([{ parameter: "start", detail: `with estimate=true the range must not exceed ${days} days for ${interval}` }]);
  }
}
const MAX_ESTIMATED_DAYS = { "1m": 2, "1h": 93, "1d": 400 } as const;

/** Over all base assets each step has many times the rows, and the archive would sum all its events. */
function requireSummable(interval: Query["interval"], { start, end }: TimeRange, border: number): void {
  const days = MAX_DAYS_OF_ALL[interval];
  if (end - start > (days + 1) * DAY_MS) {
    throw badParameters([{ parameter: "start", detail: `without symbol the range must not exceed ${days} days for ${interval}` }]);
  }
  if (start < border) throw badParameters([{ parameter: "symbol", detail: "is required for ranges that reach back to the archive" }]);
}
const MAX_DAYS_OF_ALL = { "1m": 1, "1h": 31, "1d": 31 } as const;

function placeOf(
  asked: Query,
  { stepMs, keptMs, usualMs }: Interval,
  now: number,
  archive: Archive,
  place: z.output<typeof cursorPlace> | null,
): PagePlace {
  const hotFrom = ceilTo(now - keptMs, stepMs);
  if (place !== null) {
    const [start, end, border, from] = place;
    if (archive.isOn) return { range: { start, end }, border: Math.min(end, Math.max(border, hotFrom)), from };
    // Totals are deleted in whole hours, once the whole hour is older than their retention.
    if (from >= floorTo(now - keptMs, HOUR_MS)) return { range: { start, end }, border, from };
    throw badParameters([{ parameter: "cursor", detail: "is too old: totals of its range were deleted; start again without a cursor" }]);
  }
  const wanted = requireRange(
    asked,
    now,
    asked.symbol === undefined ? Math.min(usualMs, MAX_DAYS_OF_ALL[asked.interval] * DAY_MS) : usualMs,
  );
  const answersFrom = ceilTo(archive.answersFrom(hotFrom), stepMs);
  const end = ceilTo(wanted.end, stepMs);
  if (end <= answersFrom) throw nothingCovered(archive, wanted);
  const start = Math.max(floorTo(wanted.start, stepMs), answersFrom);
  return { range: { start, end }, border: Math.max(start, Math.min(hotFrom, end)), from: start };
}

type Sides = Readonly<Record<PositionSide, Totals>>;

function point({ time, rows }: Step): Frozen<TotalsPoint> {
  const venues = EXCHANGES.filter((name) => rows.some((row) => row.exchange === name));
  const exchanges = venues.map((name): [ExchangeName, Sides] => [name, sidesOf(rows.filter((row) => row.exchange === name))]);
  return { time, sides: sidesOf(rows), exchanges: Object.fromEntries(exchanges) };
}

function sidesOf(rows: readonly SeriesTotal[]): Sides {
  const side = (name: PositionSide) => addTotals(rows.filter((row) => row.position_side === name));
  return { long: side("long"), short: side("short") };
}
