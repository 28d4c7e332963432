import { EXCHANGES } from "../liquidation-fields.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { HORIZONS, type Horizon, MARK_TOLERANCE_MS, type MarkPath } from "../signals/grade.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { ReplayedEvent } from "./replayed-event.ts";

/** Open, high, low and close of a base asset's mark price over a minute. */
export type Mark = Pick<MinuteMark, "minute" | "open" | "high" | "low" | "close">;
export type SymbolMark = Mark & Pick<MinuteMark, "symbol">;

/** A random entry lies up to two days back, and its path continues for a day. */
const KEPT_MS = 4 * DAY_MS;

interface SeenMark extends Mark {
  /** Rank of the venue; a lower rank is preferred. */
  readonly rank: number;
  readonly openTime: number;
  readonly closeTime: number;
}

export interface TimedPath extends MarkPath {
  readonly entryTime: number;
  readonly exitTime: number;
}

/**
 * Mark prices by symbol and minute: whole minutes from a file, or the mark prices carried by the liquidations. In the
 * second case a minute has a mark only if a liquidation of the symbol was received within it, its open is the first
 * mark seen rather than that of its first second, and its extremes are those of the marks seen. As live, a minute comes
 * from the most preferred venue that has it.
 */
export class MarkBook {
  readonly #symbols = new Map<string, Map<number, SeenMark>>();

  put({ symbol, minute, open, high, low, close }: SymbolMark): void {
    this.#of(symbol).set(minute, { minute, open, high, low, close, rank: 0, openTime: minute, closeTime: minute });
  }

  /** Adds the mark price of an event, at the time the collector received it. */
  see({ symbol, exchange, received_time, mark_price: price, mark_age_ms: age }: ReplayedEvent): void {
    if (price === null || !(price > 0)) return;
    const time = received_time - (age ?? 0);
    const minute = floorTo(time, MINUTE_MS);
    const rank = EXCHANGES.indexOf(exchange);
    const marks = this.#of(symbol);
    const known = marks.get(minute);
    if (known === undefined || rank < known.rank) {
      marks.set(minute, { minute, open: price, high: price, low: price, close: price, rank, openTime: time, closeTime: time });
    } else if (rank === known.rank) {
      marks.set(minute, {
        ...known,
        open: time < known.openTime ? price : known.open,
        openTime: Math.min(time, known.openTime),
        high: Math.max(price, known.high),
        low: Math.min(price, known.low),
        close: time >= known.closeTime ? price : known.close,
        closeTime: Math.max(time, known.closeTime),
      });
    }
  }

  /**
   * The marks of the minutes of a range that are over at `now`, oldest first: a live run has the feeds write theirs
   * first.
   */
  marks(symbol: string, { start, end }: TimeRange, now: number): readonly Mark[] {
    const marks = this.#symbols.get(symbol);
    const found: Mark[] = [];
    for (let minute = ceilTo(start, MINUTE_MS); minute < end && minute + MINUTE_MS <= now; minute += MINUTE_MS) {
      const mark = marks?.get(minute);
      if (mark !== undefined) found.push(mark);
    }
    return found;
  }

  /** The path from the first mark at or after a minute over a horizon, or which end of it has no mark at `now`. */
  path(symbol: string, minute: number, horizon: Horizon, now: number): TimedPath | "no_entry_mark" | "no_exit_mark" {
    const entry = this.#first(symbol, minute, now);
    if (entry === undefined) return "no_entry_mark";
    const end = entry.minute + HORIZONS[horizon];
    const exit = this.#first(symbol, end, now);
    if (exit === undefined) return "no_exit_mark";
    const between = this.marks(symbol, { start: entry.minute, end }, now);
    return {
      entry: entry.open,
      exit: exit.open,
      high: between.reduce((high, mark) => Math.max(high, mark.high), exit.open),
      low: between.reduce((low, mark) => Math.min(low, mark.low), exit.open),
      entryTime: entry.minute,
      exitTime: exit.minute,
    };
  }

  /** Call it with each minute. */
  forget(minute: number): void {
    if (minute % HOUR_MS !== 0) return;
    for (const marks of this.#symbols.values()) {
      for (const one of marks.keys()) if (one < minute - KEPT_MS) marks.delete(one);
    }
  }

  #first(symbol: string, minute: number, now: number): Mark | undefined {
    return this.marks(symbol, { start: minute, end: minute + MARK_TOLERANCE_MS + 1 }, now)[0];
  }

  #of(symbol: string): Map<number, SeenMark> {
    let marks = this.#symbols.get(symbol);
    if (marks === undefined) this.#symbols.set(symbol, (marks = new Map()));
    return marks;
  }
}
