import { exchanges } from "../../../src/exchanges/registry.ts";
import type { FilledGap, Gap, GapReason } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { createRandom, type Random } from "../../simulator/random.ts";

interface GapKind {
  readonly reason: Extract<GapReason, "disconnected" | "silent" | "blocked">;
  readonly weight: number;
  /** Median of the log-normal length, ms, and the deviation of its logarithm. */
  readonly medianMs: number;
  readonly spread: number;
}

const KINDS: readonly GapKind[] = [
  { reason: "disconnected", weight: 0.75, medianMs: 25 * SECOND_MS, spread: 1 },
  { reason: "silent", weight: 0.2, medianMs: 9 * MINUTE_MS, spread: 0.9 },
  { reason: "blocked", weight: 0.05, medianMs: 100 * MINUTE_MS, spread: 0.5 },
];
/** On the average, from one gap of a venue to its next. */
const HOURS_BETWEEN_GAPS = 22;
/** A deployment restarts all feeds at once. */
const HOURS_BETWEEN_RESTARTS = 60;

/** Gaps of all venues within a time, oldest first: outages of one venue, and restarts of all. None overlaps another of its venue. */
export function randomGaps(venues: readonly ExchangeName[], startTime: number, endTime: number, seed: number): readonly Gap[] {
  const restarts = times(createRandom(seed, "restarts"), HOURS_BETWEEN_RESTARTS, startTime, endTime);
  const gaps = venues.flatMap((exchange) => {
    const random = createRandom(seed, `gaps ${exchange}`);
    const own = [
      ...times(random, HOURS_BETWEEN_GAPS, startTime, endTime).map((from): Gap => randomGap(exchange, from, random)),
      ...restarts.map((from): Gap => ({ exchange, from_time: from, to_time: from + 3_000 + random.integer(20_000), reason: "restarted" })),
    ];
    return apart(own.filter(({ to_time }) => (to_time ?? endTime) < endTime));
  });
  return gaps.toSorted((a, b) => a.from_time - b.from_time);
}

/** Whether a venue's REST history names the liquidations of a gap afterwards. */
export function isBackfilled({ exchange, reason }: Gap): boolean {
  return exchanges[exchange].backfill !== undefined && reason !== "blocked";
}

/** The gaps, each with the number of liquidations that were stored from it. */
export function filledGaps(gaps: readonly Gap[], filled: ReadonlyMap<Gap, number>): readonly FilledGap[] {
  return gaps.map((gap) => ({ ...gap, filled_events: filled.get(gap) ?? 0 }));
}

function times(random: Random, hours: number, startTime: number, endTime: number): readonly number[] {
  const found: number[] = [];
  const next = (time: number) => Math.round(time + random.exponential(1) * hours * HOUR_MS);
  for (let time = next(startTime); time < endTime; time = next(time)) found.push(time);
  return found;
}

function randomGap(exchange: ExchangeName, from: number, random: Random): Gap {
  const { reason, medianMs, spread } = random.weighted(KINDS.map((kind) => [kind, kind.weight] as const));
  return { exchange, from_time: from, to_time: from + Math.round(medianMs * Math.exp(spread * random.normal())), reason };
}

/** Without those that begin before the one before has ended. */
function apart(gaps: readonly Gap[]): readonly Gap[] {
  const kept: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from_time - b.from_time)) {
    if (gap.from_time > (kept.at(-1)?.to_time ?? 0)) kept.push(gap);
  }
  return kept;
}
