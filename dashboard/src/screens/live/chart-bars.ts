import { flowUsd } from "../../../../src/flow-usd.ts";
import { MINUTE_MS, floorTo } from "../../../../src/windows/calendar.ts";
import type { Gap } from "../../../../src/gap.ts";
import type { Liquidation, MarkCandle, TotalsPoint } from "../../api/schema.ts";

/** What the chart draws, computed from answers and events alone. Times in ms, amounts in USD. */
export interface ChartBar {
  readonly time: number;
  /** Null where no mark price is known in the step. */
  readonly price: { readonly open: number; readonly high: number; readonly low: number; readonly close: number } | null;
  readonly long: number;
  readonly short: number;
  readonly events: number;
  /** Whether the page has the liquidations of the step; its sums are 0 where it has not. */
  readonly isKnown: boolean;
}

export interface BarsInput {
  readonly start: number;
  readonly end: number;
  readonly stepMs: number;
  /** Of one base asset, oldest first. */
  readonly events: readonly Liquidation[];
  /** From this time on the events are complete; before it, sums come from `totals`. */
  readonly eventsFrom: number;
  /** Null where there are none: not asked for, or not answered. */
  readonly totals: readonly TotalsPoint[] | null;
  /** Candles of the step, or of a minute where the step is shorter. */
  readonly marks: readonly MarkCandle[];
  /** Up to this time the last of `marks` may hold prices of its step: prices of events count after it. */
  readonly marksTo: number;
  /** The venue whose mark prices are drawn: those of venues differ. Null where none has a price. */
  readonly priceVenue: Liquidation["exchange"] | null;
}

/** One bar for every step of the range, also for those without an event: a time axis that leaves nothing out. */
export function chartBars(input: BarsInput): readonly ChartBar[] {
  const { start, end, stepMs, events, eventsFrom, totals } = input;
  const first = floorTo(start, stepMs);
  const bars = Array.from({ length: Math.ceil((end - first) / stepMs) }, (_, index) => {
    const time = first + index * stepMs;
    return newBar(time, totals !== null || time >= eventsFrom);
  });
  const barOf = (time: number) => bars[Math.floor((time - first) / stepMs)];
  for (const { time, sides } of totals ?? []) {
    const bar = barOf(time);
    // A step that begins before the events do is summed from the store alone, so that nothing counts twice.
    if (bar === undefined || bar.time >= eventsFrom) continue;
    bar.long += sides.long.usd ?? 0;
    bar.short += sides.short.usd ?? 0;
    bar.events += sides.long.events + sides.short.events;
  }
  for (const event of events) {
    const bar = barOf(event.event_time);
    if (bar === undefined || bar.time < eventsFrom || event.coverage === "inferred") continue;
    bar[event.position_side] += flowUsd(event) ?? 0;
    bar.events += 1;
  }
  addPrices(input, barOf);
  return bars;
}

/** Stored candles, and in the steps that they have not reached yet the mark prices of the same venue's events. */
function addPrices(input: BarsInput, barOf: (time: number) => Mutable<ChartBar> | undefined): void {
  const { stepMs, marks, marksTo } = input;
  const isStored = stepMs >= MINUTE_MS;
  const marked = isStored ? (marks.at(-1)?.time ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY;
  for (const { time, open, high, low, close } of isStored ? marks : []) {
    const bar = barOf(time);
    if (bar !== undefined) bar.price = { open, high, low, close };
  }
  // The log is in the order of arrival, and the close is the price that was last.
  for (const { time, price } of knownPrices(input).toSorted((a, b) => a.time - b.time)) {
    const bar = barOf(time);
    if (bar === undefined || (bar.time <= marked && time < marksTo)) continue;
    bar.price = withPrice(bar.price, price);
  }
}

interface PriceAt {
  readonly time: number;
  readonly price: number;
}

/** The moments whose mark price is known: those of events, and in charts of seconds the first and the last of each stored minute. */
function knownPrices({ stepMs, events, marks, priceVenue }: BarsInput): readonly PriceAt[] {
  const ofEvents = events.flatMap(({ exchange, event_time: time, mark_price: price }) =>
    price !== null && exchange === priceVenue ? [{ time, price }] : [],
  );
  if (stepMs >= MINUTE_MS) return ofEvents;
  const ofMinutes = marks.flatMap(({ exchange, time, open, close }) =>
    exchange === priceVenue
      ? [
          { time, price: open },
          { time: time + MINUTE_MS - 1, price: close },
        ]
      : [],
  );
  return [...ofMinutes, ...ofEvents];
}

/** A point of the line that joins known prices. */
export interface LinePoint {
  readonly time: number;
  /** Null where none is known. */
  readonly price: number | null;
  /** Whether no price is known for so long after it that no line may be drawn to the next. */
  readonly isEnd: boolean;
}

/** The prices of a chart of seconds: joined where at most a minute lies between two of them. */
export function linePoints(bars: readonly ChartBar[]): readonly LinePoint[] {
  let next = Number.POSITIVE_INFINITY;
  return bars
    .toReversed()
    .map(({ time, price }): LinePoint => {
      if (price === null) return { time, price: null, isEnd: false };
      const isEnd = next - time > MINUTE_MS;
      next = time;
      return { time, price: price.close, isEnd };
    })
    .toReversed();
}

/** The venue whose mark prices are drawn: that of the stored candles, else the one with the most priced events in view. */
export function priceVenueOf(marks: readonly MarkCandle[], events: readonly Liquidation[]): Liquidation["exchange"] | null {
  const stored = marks.at(-1)?.exchange ?? null;
  if (stored !== null) return stored;
  const counts = new Map<Liquidation["exchange"], number>();
  for (const { exchange, mark_price: price } of events) if (price !== null) counts.set(exchange, (counts.get(exchange) ?? 0) + 1);
  return [...counts].reduce<[Liquidation["exchange"] | null, number]>((most, next) => (next[1] > most[1] ? next : most), [null, 0])[0];
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

function newBar(time: number, isKnown: boolean): Mutable<ChartBar> {
  return { time, price: null, long: 0, short: 0, events: 0, isKnown };
}

function withPrice(before: ChartBar["price"], price: number): ChartBar["price"] {
  if (before === null) return { open: price, high: price, low: price, close: price };
  return { open: before.open, high: Math.max(before.high, price), low: Math.min(before.low, price), close: price };
}

/** A stretch in which some venues were not covered; without a venue, one of which nothing is known. */
export interface GapSegment {
  readonly from: number;
  readonly to: number;
  readonly exchanges: readonly string[];
}

/** Overlapping gaps as stretches that follow one another, each with the venues that were missing in it. */
export function gapSegments(
  gaps: readonly Pick<Gap, "exchange" | "from_time" | "to_time">[],
  start: number,
  end: number,
): readonly GapSegment[] {
  const clipped = gaps
    .map(({ exchange, from_time: from, to_time: to }) => ({ exchange, from: Math.max(from, start), to: Math.min(to ?? end, end) }))
    .filter(({ from, to }) => from < to);
  const edges = [...new Set(clipped.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => a - b);
  return edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1] ?? from;
    const exchanges = [...new Set(clipped.filter((gap) => gap.from < to && gap.to > from).map(({ exchange }) => exchange))];
    return exchanges.length === 0 ? [] : [{ from, to, exchanges }];
  });
}

/** The stretches whose liquidations the page does not have, as gaps of no venue. */
export function unknownSegments(bars: readonly ChartBar[], stepMs: number): readonly GapSegment[] {
  const unknown = bars.filter(({ isKnown }) => !isKnown);
  const [first, last] = [unknown[0], unknown.at(-1)];
  // What is not known is what is oldest, so it is one stretch.
  return first === undefined || last === undefined ? [] : [{ from: first.time, to: last.time + stepMs, exchanges: [] }];
}

/** A liquidation on the price chart. */
export interface Bubble {
  readonly id: string;
  readonly time: number;
  readonly price: number;
  readonly usd: number;
  readonly side: "long" | "short";
  readonly isInferred: boolean;
}

/** The largest liquidations of a range that have a price, at most `max`. */
export function bubblesOf(events: readonly Liquidation[], start: number, max: number): readonly Bubble[] {
  const found = new Map<string, Bubble>();
  for (const event of events) {
    const price = event.mark_price ?? event.price;
    const usd = flowUsd(event);
    if (price === null || usd === null || event.event_time < start) continue;
    const { event_id: id, event_time: time, position_side: side, coverage } = event;
    found.set(id, { id, time, price, usd, side, isInferred: coverage === "inferred" });
  }
  return [...found.values()].toSorted((a, b) => b.usd - a.usd).slice(0, max);
}
