import type { ExchangeName } from "../liquidation.ts";
import { type FirstVenue, firstVenue } from "./first-venue.ts";
import { type FlowEvent, flowOnset } from "./flow-onset.ts";
import { firstMarks, largestMove } from "./mark-move.ts";
import { LONGEST_PEAK_MS, largerPeaks, type PeakUsd, peaksOf } from "./peak-usd.ts";
import type { Running, SideCascade } from "./running-cascade.ts";

const SECOND_MS = 1_000;

/** The known events with `after` < event time ≤ `upTo`, in order of time; both ms. */
type EventsOf = (after: number, upTo: number) => readonly FlowEvent[];

/** The onset of the flow within these events. @param events in order of time */
export function startIn(
  events: readonly FlowEvent[],
  from: number,
): { readonly startTime: number; readonly first: FirstVenue | null } | null {
  const startTime = events[flowOnset(events, from) ?? 0]?.time;
  return startTime === undefined ? null : { startTime, first: firstVenue(events, from, startTime) };
}

/** Sums over the events of a cascade. */
export type Sums = Pick<Running, "events" | "usd" | "firsts"> & PeakUsd;

/** @param events in order of time */
export function sumsOf(events: readonly FlowEvent[]): Sums {
  const firsts: Partial<Record<ExchangeName, number>> = {};
  for (const { exchange, time } of events) firsts[exchange] ??= time;
  return { events: events.length, usd: events.reduce((sum, { usd }) => sum + usd, 0), firsts, ...peaksOf(events) };
}

/** Notes that the start and the peaks do not know of an event yet, by its second. */
export function noteUnread<Kind extends Running>(running: Kind, time: number): Kind {
  const second = Math.floor(time / SECOND_MS);
  return running.unread.includes(second) ? running : { ...running, unread: [...running.unread, second] };
}

/**
 * The cascade with the start and the peaks of all its liquidations that are known by now, in whatever order they arrived.
 *
 * @param group the last one that was added
 */
export function revised<Kind extends Running>(running: Kind, side: SideCascade, eventsOf: EventsOf, group: number): Kind {
  const { unread, stretch, lastTime } = running;
  if (unread.length === 0) return running;
  const isStartRead = unread.every((second) => second * SECOND_MS > stretch.to);
  const start = isStartRead ? null : startIn(eventsOf(stretch.from, stretch.to), stretch.from);
  const read = { ...running, first: start === null ? running.first : start.first, unread: [] };
  if (start === null || start.startTime === running.startTime) return { ...read, ...largerPeaks(running, unreadPeaks(running, eventsOf)) };
  const since = eventsOf(start.startTime - 1, lastTime);
  const { startTime } = start;
  const summed = { group, from: startTime - 1, upTo: lastTime };
  return { ...read, startTime, summed, ...sumsOf(since), ...movedSince(read, side, startTime) };
}

/** The peaks about the events that were not read yet: each run of their seconds is read with what lies within a peak of it. */
function unreadPeaks({ startTime, lastTime, unread }: Running, eventsOf: EventsOf): PeakUsd {
  const seconds = unread.map((second) => second * SECOND_MS).toSorted((a, b) => a - b);
  let peaks = peaksOf([]);
  for (let first = 0, end = 1; first < seconds.length; first = end, end += 1) {
    while ((seconds[end] ?? Infinity) - (seconds[end - 1] ?? 0) <= 2 * LONGEST_PEAK_MS) end += 1;
    const after = Math.max(startTime - 1, (seconds[first] ?? 0) - LONGEST_PEAK_MS);
    const upTo = Math.min(lastTime, (seconds[end - 1] ?? 0) + SECOND_MS + LONGEST_PEAK_MS);
    peaks = largerPeaks(peaks, peaksOf(eventsOf(after, upTo)));
  }
  return peaks;
}

/** Each venue's first mark since a start, and the largest move since; what it was where its marks are kept no longer. */
export function movedSince(
  { starts: before, move, lastTime }: Pick<Running, "starts" | "move" | "lastTime">,
  { marks, side }: SideCascade,
  startTime: number,
): Pick<Running, "starts" | "move"> {
  const kept = marks[0]?.time ?? Infinity;
  if (before.some(({ time }) => time < kept)) return { starts: before, move };
  const since = marks.filter(({ time }) => time >= startTime && time <= lastTime);
  const starts = firstMarks(since, startTime);
  const moved = largestMove(starts, since, side === "long");
  // The marks of each event made the move, not only those that are kept.
  const isSameStart = move !== null && starts.some(({ mark }) => mark === move.start);
  return { starts, move: isSameStart && move.bps >= (moved?.bps ?? -Infinity) ? move : moved };
}
