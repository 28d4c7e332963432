import type { VenueSideEstimate } from "../../src/estimates/estimate.ts";
import { ALL_SYMBOLS, readSymbolText } from "../../src/estimates/estimate-block.ts";
import { type EstimateStep, type LostPart, estimateStep } from "../../src/estimates/estimate-steps.ts";
import type { Gap } from "../../src/gap.ts";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type D1Read, readTogether } from "./d1-read.ts";
import { gapsInRange, gapsOf } from "./gap-reads.ts";
import { rowsOf } from "./rows-of.ts";
import { isListedIn, listedStatement } from "./symbol-lists.ts";

/** How far the estimates reach, ms; null before the first run. Kept by the cron job in `job_progress`. */
export interface EstimateReach {
  /** The first minute ever estimated. */
  readonly from: number;
  /** The end of the last settled minute: of later minutes events, or what follows them, may still arrive. */
  readonly settled: number;
  /** Ends of the last summed hour and day. */
  readonly hours: number;
  readonly days: number;
  /** Blocks of minutes before this one are deleted. */
  readonly minutesFrom: number;
}

export const REACH_JOBS = {
  from: "estimates:from",
  settled: "estimates",
  hours: "estimates:hours",
  days: "estimates:days",
  minutesFrom: "estimates:minutes_from",
} as const satisfies Record<keyof EstimateReach, string>;

export interface EstimateQuery {
  /** Whole minutes; widen it before. */
  readonly range: TimeRange;
  /** Base assets, whose estimates are added; null for all. */
  readonly symbols: readonly string[] | null;
  /** The venues to add. Give those that publish liquidations, see `publishingVenues`. */
  readonly exchanges: readonly ExchangeName[];
  /** Null for both. */
  readonly side?: PositionSide | null;
  /** Whether everything is withheld where a settled minute of the range could not be estimated. Default: a part of it is estimated. */
  readonly isWhole?: boolean;
}

export interface EstimatedRange extends EstimateStep {
  /**
   * The part of the requested range that the estimate is of: the last one of settled minutes that could all be estimated and are
   * not deleted. It ends some five minutes ago, or earlier where the last minutes could not be estimated. Its `reported_usd` is that
   * of this part too. Null where there is no such part: everything is withheld, and a `reported_usd` of 0 was not measured.
   */
  readonly range: TimeRange | null;
}

export const UNSETTLED = "its minutes are not settled yet";
const NEVER = "no minute has been estimated yet";
const DELETED = "estimates by minute of this time are deleted";
const LOST = "the events of this time were gone before it was estimated";
const BEFORE = "estimates began later";
const TOO_MANY_GAPS = "the range has more gaps than are read at once";

export async function readEstimateReach(db: D1Database): Promise<EstimateReach | null> {
  const [reach] = await readTogether(db, [estimateReachRead(db)]);
  return reach;
}

/** The same beside other reads. */
export function estimateReachRead(db: D1Database): D1Read<EstimateReach | null> {
  const statement = db
    .prepare("SELECT job, done_time FROM job_progress WHERE job IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(Object.values(REACH_JOBS)));
  return { statements: [statement], valueOf: ([result]) => reachOf(result) };
}

function reachOf(result: D1Result | undefined): EstimateReach | null {
  const times = new Map(rowsOf<{ job: string; done_time: number }>(result).map(({ job, done_time }) => [job, done_time]));
  const from = times.get(REACH_JOBS.from);
  if (from === undefined) return null;
  const timeOf = (name: keyof EstimateReach): number => times.get(REACH_JOBS[name]) ?? from;
  return { from, settled: timeOf("settled"), hours: timeOf("hours"), days: timeOf("days"), minutesFrom: timeOf("minutesFrom") };
}

/**
 * The estimate of a range, by venue and side and in sum. Bounds are added, so an interval over many minutes is wider than one of
 * 80 %. A venue with a gap in the range has no estimate, and with it neither has the sum.
 */
export async function readEstimates(db: D1Database, query: EstimateQuery): Promise<EstimatedRange> {
  return readEstimatesTo(db, query, await readEstimateReach(db));
}

/** The same, where it is known how far the estimates reach. */
export async function readEstimatesTo(db: D1Database, query: EstimateQuery, reach: EstimateReach | null): Promise<EstimatedRange> {
  if (reach === null) return nothingEstimated(query, NEVER);
  const end = Math.min(query.range.end, floorTo(reach.settled, MINUTE_MS));
  const first = Math.max(query.range.start, ceilTo(reach.from, MINUTE_MS));
  if (first >= end) return nothingEstimated(query, query.range.end <= reach.from ? BEFORE : UNSETTLED);
  const { rows, lost, ...parts } = await readParts(db, { ...query, range: { start: first, end } }, DAY_MS, reach);
  // Of a lost part not even what was reported is known here: the estimate is of what follows it, or else of what is before it.
  const unread = lost.filter(({ reason }) => reason !== TOO_MANY_GAPS);
  if (query.isWhole === true && (first > query.range.start || unread.length > 0))
    return nothingEstimated(query, unread.at(-1)?.reason ?? BEFORE);
  const range = lastPartOutside(unread, { start: first, end });
  if (range === null) return nothingEstimated(query, unread.at(-1)?.reason ?? LOST);
  const entries = rows.flatMap(({ time, entries: own }) => (time < range.start || time >= range.end ? [] : own));
  return { ...estimateStep(range, { entries, lost: lost.filter((part) => !unread.includes(part)), ...parts }), range };
}

/** The last part of a range that is outside the lost ones; null where they have all of it. */
function lastPartOutside(lost: readonly TimeRange[], { start, end }: TimeRange): TimeRange | null {
  let last = end;
  for (const part of lost.toSorted((a, b) => b.end - a.end)) {
    if (part.end < last) return { start: Math.max(start, part.end), end: last };
    last = Math.min(last, part.start);
  }
  return start < last ? { start, end: last } : null;
}

function nothingEstimated({ range, exchanges }: EstimateQuery, reason: string): EstimatedRange {
  return { ...estimateStep(range, { entries: [], gaps: [], lost: [{ ...range, reason }], exchanges }), range: null };
}

/**
 * The estimates of each step of a range of whole steps, oldest first: those in which a venue reported something, or had a gap. Steps
 * that are not settled are left out.
 */
export async function readEstimateSeries(db: D1Database, query: EstimateQuery, stepMs: number): Promise<readonly EstimateStep[]> {
  const reach = await readEstimateReach(db);
  if (reach === null) return [];
  const range = { start: query.range.start, end: Math.min(query.range.end, floorTo(reach.settled, stepMs)) };
  if (range.start >= range.end) return [];
  const { rows, ...parts } = await readParts(db, { ...query, range }, stepMs, reach);
  const byStep = Map.groupBy(rows, ({ time }) => floorTo(time, stepMs));
  const steps: EstimateStep[] = [];
  for (let start = range.start; start < range.end; start += stepMs) {
    const entries = byStep.get(start)?.flatMap((row) => row.entries) ?? [];
    const step = estimateStep({ start, end: start + stepMs }, { entries, ...parts });
    if (step.venues.length > 0) steps.push(step);
  }
  return steps;
}

interface Block {
  readonly time: number;
  readonly entries: readonly VenueSideEstimate[];
}

interface Parts {
  readonly rows: readonly Block[];
  readonly gaps: readonly Gap[];
  readonly lost: readonly LostPart[];
  /** The wanted venues that list a wanted base asset, or reported one: a gap of another hides nothing of it. */
  readonly exchanges: readonly ExchangeName[];
}

/** ?1 a list of [step, from, to] as JSON, ?2 the paths of the base assets. Each of them is a text, or null where the block has none. */
const BLOCKS = `
  SELECT time, step_ms, estimates IS NULL AS lost,
    (SELECT json_group_array(json(estimates -> value)) FROM json_each(?2) WHERE estimates -> value IS NOT NULL) AS lists
  FROM json_each(?1) AS layer CROSS JOIN estimate_blocks
  WHERE step_ms = layer.value ->> 0 AND time >= layer.value ->> 1 AND time < layer.value ->> 2`;

interface BlockRow {
  readonly time: number;
  readonly step_ms: number;
  readonly lost: number;
  readonly lists: string;
}

async function readParts(db: D1Database, query: EstimateQuery, coarsestMs: number, reach: EstimateReach): Promise<Parts> {
  const { range, symbols, exchanges, side = null } = query;
  const layers = layersOf(range, coarsestMs, reach);
  const paths = (symbols ?? [ALL_SYMBOLS]).map((symbol) => `$.${JSON.stringify(symbol)}`);
  const [blocks, gapRows, listed] = await db.batch([
    db.prepare(BLOCKS).bind(JSON.stringify(layers), JSON.stringify(paths)),
    gapsInRange(db, exchanges, range),
    listedStatement(db, symbols ?? []),
  ]);
  const { gaps, truncated } = gapsOf(gapRows);
  const rows = rowsOf<BlockRow>(blocks);
  const lost: LostPart[] = rows.flatMap(({ time, step_ms, lost: isLost }) =>
    isLost === 1 ? [{ start: time, end: time + step_ms, reason: LOST }] : [],
  );
  if (range.start < reach.from) lost.push({ start: range.start, end: reach.from, reason: BEFORE });
  for (const [step, start, end] of layers) {
    if (step === MINUTE_MS && start < end && start < reach.minutesFrom)
      lost.push({ start, end: Math.min(end, reach.minutesFrom), reason: DELETED });
  }
  if (truncated) lost.push({ start: range.start, end: gaps[0]?.from_time ?? range.end, reason: TOO_MANY_GAPS });
  const isAsked = (one: VenueSideEstimate): boolean => side === null || one.position_side === side;
  const read = rows.map(({ time, lists }) => ({
    time,
    entries: (JSON.parse(lists) as readonly unknown[]).flatMap((list) => readSymbolText(JSON.stringify(list)).filter(isAsked)),
  }));
  const present = new Set(read.flatMap(({ entries }) => entries.map(({ exchange }) => exchange)));
  const isListed = isListedIn(listed);
  const listing = exchanges.filter((name) => symbols === null || present.has(name) || isListed(name, symbols));
  return { rows: read, gaps, lost, exchanges: listing };
}

/** The summed days inside a range, the summed hours before and after them, and the minutes that remain. */
function layersOf(range: TimeRange, coarsestMs: number, reach: EstimateReach): readonly (readonly [number, number, number])[] {
  const hours = inner(range, HOUR_MS, coarsestMs >= HOUR_MS ? reach.hours : range.start);
  const days = inner(hours, DAY_MS, coarsestMs >= DAY_MS ? reach.days : hours.start);
  return [
    [DAY_MS, days.start, days.end],
    [HOUR_MS, hours.start, days.start],
    [HOUR_MS, days.end, hours.end],
    [MINUTE_MS, range.start, hours.start],
    [MINUTE_MS, hours.end, range.end],
  ];
}

/** The whole steps of a range up to a time; empty at its start where there are none. */
function inner({ start, end }: TimeRange, step: number, until: number): TimeRange {
  const first = ceilTo(start, step);
  const last = Math.min(floorTo(end, step), floorTo(until, step));
  return first < last ? { start: first, end: last } : { start, end: start };
}
