import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { HORIZONS } from "../signals/grade.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import { HISTORY_MS } from "../windows/kept.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { Replay } from "./replay.ts";
import { type ReplayedEvent, byReceipt } from "./replayed-event.ts";

/** What is stored of a UTC day, by event time. */
export interface StoredDay {
  readonly events: readonly ReplayedEvent[];
  readonly gaps: readonly Gap[];
}

/** Null where nothing is stored of the day that starts at this time, ms. */
export type ReadDay = (day: number) => Promise<StoredDay | null>;

/** What the longest horizon needs, its marks and the wait for them included. */
const GRADING_MS = HORIZONS["24h"] + HOUR_MS;

export interface ReplayedDays {
  /** Days of the judged range of which nothing is stored, ms. */
  readonly missing: readonly number[];
  /** Days before it that were found, of those that windows and ranks reach back over. */
  readonly historyDays: number;
  readonly historyDaysWanted: number;
}

/**
 * Runs a replay over stored days: those before the judged range for its history, those after it for its grades. No more
 * than two days of events are held at a time. A day of which nothing is stored, and all time before the first, counts as
 * not heard on any venue: what follows it is then compared with nothing, and not with zero.
 */
export async function replayDays(
  replay: Replay,
  judged: TimeRange,
  readDay: ReadDay,
  gaps: KnownGaps,
  venues: readonly ExchangeName[],
): Promise<ReplayedDays> {
  const firstDay = floorTo(judged.start - HISTORY_MS, DAY_MS);
  const firstJudgedDay = floorTo(judged.start, DAY_MS);
  const missing: number[] = [];
  let historyDays = 0;
  let waiting: readonly ReplayedEvent[] = [];
  const read = async (day: number): Promise<readonly ReplayedEvent[]> => {
    const stored = day < judged.end + GRADING_MS ? await readDay(day) : null;
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
    // A day ahead, since a gap is told of by the batch after it, and a clock ahead of ours dates an event tomorrow.
    waiting = [...waiting, ...(await read(day + DAY_MS))].toSorted(byReceipt);
    waiting = await runDay(replay, day, waiting);
    if (day + DAY_MS > judged.end && replay.ledger.waiting === 0) break;
  }
  return { missing, historyDays, historyDaysWanted: (firstJudgedDay - firstDay) / DAY_MS };
}

/** @returns what was received after the day's last run */
async function runDay(replay: Replay, day: number, events: readonly ReplayedEvent[]): Promise<readonly ReplayedEvent[]> {
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
