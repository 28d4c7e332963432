import type { TrainedRules } from "../signals/trained-rules.ts";
import { DAY_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { meanOf } from "./performance/moments.ts";
import { type Table, fixed, isoMinute, number } from "./report-text.ts";
import type { Trade } from "./trade.ts";

/** The decisions that a rule model was trained on. */
export type TrainedSpan = Pick<TrainedRules, "trained_from" | "trained_to">;

/** `in`: the model was trained on this time, so it knows how its trades ended. `partly`: on a part of the day. */
export type Sample = "in" | "partly" | "out";

/** A UTC day of the range, and what was traded in it. */
export interface SampleDay {
  /** Start of the day, ms. */
  readonly day: number;
  readonly sample: Sample;
  /** Closed trades of decisions of the day. */
  readonly trades: number;
  readonly mean_net_return_bps: number | null;
}

/** Whether a model has learned from a decision of this time, ms. */
export function isInSample(time: number, { trained_from: from, trained_to: to }: TrainedSpan): boolean {
  return time >= from && time < to + MINUTE_MS;
}

/** The days of a range with their closed trades, and whether the model was trained on them. */
export function sampleDays(trades: readonly Trade[], judged: TimeRange, span: TrainedSpan): readonly SampleDay[] {
  const first = floorTo(judged.start, DAY_MS);
  return Array.from({ length: Math.ceil((judged.end - first) / DAY_MS) }, (_, index) => {
    const day = first + index * DAY_MS;
    const own = closedOf(trades).filter(({ decided_time: time }) => floorTo(time, DAY_MS) === day);
    const range = { start: Math.max(day, judged.start), end: Math.min(day + DAY_MS, judged.end) };
    return { day, sample: sampleOf(range, span), trades: own.length, mean_net_return_bps: meanNet(own) };
  });
}

function sampleOf({ start, end }: TimeRange, { trained_from: from, trained_to: to }: TrainedSpan): Sample {
  if (end <= from || start >= to + MINUTE_MS) return "out";
  return start >= from && end <= to + MINUTE_MS ? "in" : "partly";
}

/** The warning of what was in-sample, and what the trades earned on either side. */
export function sampleLines(version: string, trades: readonly Trade[], span: TrainedSpan): readonly string[] {
  const closed = closedOf(trades);
  const [inside, outside] = [true, false].map((isInside) => closed.filter(({ decided_time: time }) => isInSample(time, span) === isInside));
  return [
    `WARNING: ${version} was trained on decisions from ${isoMinute(span.trained_from)} to ${isoMinute(span.trained_to)}. It has seen how ` +
      "they ended, so what it earns there says nothing of what it will earn. Trades near that time overlap with it.",
    `  in-sample:     ${meanText(inside)}`,
    `  out of sample: ${meanText(outside)}`,
  ];
}

function meanText(closed: readonly Trade[] = []): string {
  return closed.length === 0 ? "no closed trade" : `${number(closed.length)} closed trades, mean net ${fixed(meanNet(closed), 1)} bps`;
}

const SAMPLES: Readonly<Record<Sample, string>> = { in: "in-sample", partly: "partly in-sample", out: "out of sample" };

export function sampleTable(days: readonly SampleDay[]): Table {
  return {
    header: ["day", "sample", "trades", "mean net bps"],
    rows: days.map(({ day, sample, trades, mean_net_return_bps: mean }) => [
      new Date(day).toISOString().slice(0, 10),
      SAMPLES[sample],
      number(trades),
      fixed(mean, 1),
    ]),
  };
}

function closedOf(trades: readonly Trade[]): readonly Trade[] {
  return trades.filter(({ status }) => status === "closed");
}

function meanNet(trades: readonly Trade[]): number | null {
  return meanOf(trades.flatMap(({ net_return_bps: net }) => net ?? []));
}
