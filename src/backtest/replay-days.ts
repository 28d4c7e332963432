import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { HORIZONS } from "../grades/grade.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import { HISTORY_MS } from "../windows/kept.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { SymbolMark } from "./mark-book.ts";
import { type ReplayedEvent, byReceipt } from "./replayed-event.ts";

/** The stored data of a UTC day, by event time. */
export interface StoredDay {
  readonly events: readonly ReplayedEvent[];
  readonly gaps: readonly Gap[];
}

/** Null where nothing is stored for the day that starts at this time, ms. */
export type ReadDay = (day: number) => Promise<StoredDay | null>;

/** The minute marks of the UTC day that starts at this time, ms. */
export type ReadMarks = (day: number) => Promise<readonly SymbolMark[]>;

/** Where a replay reads from. */
export interface ReplayedData {
  readonly readDay: ReadDay;
  readonly readMarks: ReadMarks;
}

/** The reach of the longest horizon, including its marks and the wait for them. */
const GRADING_MS = HORIZONS["24h"] + HOUR_MS;

/** A replay, or several side by side. */
export interface DrivenReplay {
  readonly run: (minute: number, received: readonly ReplayedEvent[]) => Promise<void>;
  readonly putMarks: (marks: readonly SymbolMark[]) => void;
  /** Number of pending grades. */
  readonly waiting: number;
}

export interface ReplayedDays {
  /** Days of the judged range without stored data, ms. */
  readonly missing: readonly number[];
  /** Number of days found before the range, of those needed for windows and ranks. */
  readonly historyDays: number;
  readonly historyDaysWanted: number;
  /** Number of minute marks that were read. */
  readonly marks: number;
}

/**
 * Runs a replay over stored days: those before the judged range for its history, those after it for its grades. At most
 * two days of events are held at a time. A day without stored data, and all time before the first one, counts as not
 * connected on every venue: later windows are then compared with nothing rather than with zero.
 */
export async function replayDays(
  replay: DrivenReplay,
  judged: TimeRange,
  data: ReplayedData,
  gaps: KnownGaps,
  venues: readonly ExchangeName[],
): Promise<ReplayedDays> {
  const firstDay = floorTo(judged.start - HISTORY_MS, DAY_MS);
  const firstJudgedDay = floorTo(judged.start, DAY_MS);
  const missing: number[] = [];
  let [historyDays, marks] = [0, 0];
  let waiting: readonly ReplayedEvent[] = [];
  const read = async (day: number): Promise<readonly ReplayedEvent[]> => {
    const stored = day < judged.end + GRADING_MS ? await data.readDay(day) : null;
    const dayMarks = day < judged.end + GRADING_MS ? await data.readMarks(day) : [];
    replay.putMarks(dayMarks);
    marks += dayMarks.length;
    if (stored === null && day < judged.end) {
      gaps.add(venues.map((exchange) => ({ exchange, from_time: day, to_time: day + DAY_MS, reason: "disconnected" })));
    }
    if (stored === null && day >= firstJudgedDay && day < judged.end) missing.push(day);
    if (stored !== null && day < firstJudgedDay) historyDays += 1;
    gaps.add(stored?.gaps ?? []);
    return stored?.events ?? [];
  };
  waiting = await read(firstDay);
  for (let day = firstDay; day < judged.end + GRADING_MS; day += DAY_MS) {
    // A day ahead, because the batch after a gap reports it, and a clock ahead of ours may date an event to tomorrow.
    waiting = [...waiting, ...(await read(day + DAY_MS))].toSorted(byReceipt);
    waiting = await runDay(replay, day, waiting);
    if (day + DAY_MS > judged.end && replay.waiting === 0) break;
  }
  return { missing, historyDays, historyDaysWanted: (firstJudgedDay - firstDay) / DAY_MS, marks };
}

/** @returns the events received after the last run of the day */
async function runDay(replay: DrivenReplay, day: number, events: readonly ReplayedEvent[]): Promise<readonly ReplayedEvent[]> {
  let at = 0;
  for (let minute = day; minute < day + DAY_MS; minute += MINUTE_MS) {
    let end = at;
    while ((events[end]?.received_time ?? Infinity) < minute) end += 1;
    await replay.run(minute, events.slice(at, end));
    at = end;
  }
  return events.slice(at);
}

/** The minutes of a range as the agent has them: from the first one that begins in it. */
export function wholeMinutes({ start, end }: TimeRange): TimeRange {
  return { start: ceilTo(start, MINUTE_MS), end: ceilTo(end, MINUTE_MS) };
}
