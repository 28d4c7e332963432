import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { flowUsd } from "../../../../src/flow-usd.ts";
import { MINUTE_MS } from "../../../../src/windows/calendar.ts";
import type { Liquidation, MarkCandle } from "../../api/schema.ts";
import type { ShownGap } from "../../parts/gap-text.ts";
import { type Bubble, type GapSegment, bubblesOf, gapSegments } from "../live/chart-bars.ts";
import type { Span } from "./path-scale.ts";

export const VIEWS = ["whole", "close"] as const;
/** `whole`: half an hour before to an hour after. `close`: the cascade itself. */
export type View = (typeof VIEWS)[number];

/** A mark price, with the range of its minute where it is a candle's. */
export interface PathPoint {
  readonly time: number;
  readonly price: number;
  readonly low: number;
  readonly high: number;
}

/** Flow USD of a stretch of time. */
export interface FlowBar {
  readonly time: number;
  readonly usd: number;
  readonly events: number;
}

export interface PathContent {
  readonly span: Span;
  /** Stretches without a missing minute between them; the line breaks where a mark is not known. */
  readonly lines: readonly (readonly PathPoint[])[];
  readonly gaps: readonly GapSegment[];
  readonly bubbles: readonly Bubble[];
  readonly bars: readonly FlowBar[];
  readonly barMs: number;
}

const MAX_BUBBLES = 200;
/** Marks at events may stand this far apart and still be one line. */
const MAX_JOIN_MS = 30_000;
const BAR_STEPS_MS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
const MAX_BARS = 120;

export interface PathInput {
  readonly cascade: CascadeRecord;
  readonly view: View;
  /** The range that is known: half an hour before to an hour after, or to the present. */
  readonly range: { readonly start: number; readonly end: number };
  readonly marks: readonly MarkCandle[];
  readonly events: readonly Liquidation[];
  readonly gaps: readonly ShownGap[];
}

/** What the chart of a cascade draws, computed from answers alone. */
export function pathContent({ cascade, view, range, marks, events, gaps }: PathInput): PathContent {
  const span = view === "whole" ? { low: range.start, high: range.end } : closeSpan(cascade, events, range.end);
  const points = view === "whole" ? marks.map(pointOfCandle) : pointsOfEvents(events, marks);
  const barMs = BAR_STEPS_MS.find((step) => (span.high - span.low) / step <= MAX_BARS) ?? MINUTE_MS;
  return {
    span,
    lines: linesOf(points, view === "whole" ? MINUTE_MS : MAX_JOIN_MS),
    gaps: gapSegments(
      gaps.map(({ exchange, from_time, to_time }) => ({ exchange, from_time, to_time }) as Parameters<typeof gapSegments>[0][number]),
      span.low,
      span.high,
    ),
    bubbles: bubblesOf(events, span.low, MAX_BUBBLES),
    bars: flowBars(events, span, barMs),
    barMs,
  };
}

function closeSpan({ start_time: start, end_time: end }: CascadeRecord, events: readonly Liquidation[], now: number): Span {
  const last = Math.max(end ?? Math.min(now, start + MINUTE_MS), events.at(-1)?.event_time ?? 0);
  const room = Math.max(5_000, (last - start) * 0.08);
  return { low: start - room, high: last + room };
}

function pointOfCandle({ time, low, high, close }: MarkCandle): PathPoint {
  return { time: time + MINUTE_MS, price: close, low, high };
}

/** The marks of one venue at its events: marks of venues differ, so a line through all of them would jump. */
function pointsOfEvents(events: readonly Liquidation[], marks: readonly MarkCandle[]): readonly PathPoint[] {
  const marked = events.filter(({ mark_price: mark }) => mark !== null);
  const counts = Map.groupBy(marked, ({ exchange }) => exchange);
  const ofCandles = marks[0]?.exchange;
  const most = [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0];
  const chosen = (ofCandles === undefined ? undefined : counts.get(ofCandles)) ?? [];
  const group = chosen.length >= 3 ? chosen : (most?.[1] ?? []);
  return group.flatMap(({ event_time: time, mark_price: price }) => (price === null ? [] : [{ time, price, low: price, high: price }]));
}

function linesOf(points: readonly PathPoint[], joinMs: number): readonly (readonly PathPoint[])[] {
  const lines: PathPoint[][] = [];
  for (const point of points) {
    const line = lines.at(-1);
    const last = line?.at(-1);
    if (line === undefined || last === undefined || point.time - last.time > joinMs) lines.push([point]);
    else line.push(point);
  }
  return lines;
}

function flowBars(events: readonly Liquidation[], { low, high }: Span, step: number): readonly FlowBar[] {
  const groups = Map.groupBy(
    events.filter(({ event_time: time }) => time >= low && time <= high),
    ({ event_time: time }) => Math.floor(time / step) * step,
  );
  return [...groups].map(([time, group]) => ({
    time,
    usd: group.reduce((sum, event) => sum + (flowUsd(event) ?? 0), 0),
    events: group.length,
  }));
}
