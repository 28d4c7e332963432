import type { PositionSide } from "../liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../windows/quarter-hour.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import { SymbolMinutes } from "./symbol-minutes.ts";
import { EVENTS_MARGIN_MS, REPLAYED_MINUTES_KEPT_MS } from "../windows/kept.ts";

/** Longer than the search for a latest event reaches back. */
const RECENT_MS = 10 * MINUTE_MS;

const NO_EVENTS = new SymbolMinutes();

/** The events known at a moment of a replay, held as the live D1 holds them: each once, none too old, by minute. */
export class KnownEvents {
  readonly #retentionMs: number;
  readonly #symbols = new Map<string, SymbolMinutes>();
  readonly #recent = new Map<string, ReplayedEvent[]>();
  /** Ids by the day of their events: an id always has the same time. */
  readonly #ids = new Map<number, Set<string>>();
  /** Starts of the quarter-hours whose events have changed since they were summed, ms. */
  readonly #changed = new Set<number>();
  #firstMinute = Infinity;

  constructor(retentionHours: number) {
    this.#retentionMs = retentionHours * HOUR_MS;
  }

  /** The time since which events are held at a minute, ms: the run of the minute before deleted older ones. */
  eventsFrom(minute: number): number {
    return minute - MINUTE_MS - this.#retentionMs - EVENTS_MARGIN_MS;
  }

  /** The first minute with an event, ms; Infinity before there is one. */
  get firstMinute(): number {
    return this.#firstMinute;
  }

  get symbols(): ReadonlyMap<string, SymbolMinutes> {
    return this.#symbols;
  }

  /** Whether an event of a quarter-hour became known since its sums were read last. */
  hasChanged(quarterHour: number): boolean {
    return this.#changed.has(quarterHour);
  }

  /** The sums of the quarter-hours before a time were read. */
  readBefore(time: number): void {
    for (const quarterHour of this.#changed) if (quarterHour < time) this.#changed.delete(quarterHour);
  }

  /** Adds events that became known before `minute`. */
  add(event: ReplayedEvent, minute: number): "added" | "repeated" | "too_old" {
    if (event.event_time < this.eventsFrom(minute)) return "too_old";
    const day = floorTo(event.event_time, DAY_MS);
    let ids = this.#ids.get(day);
    if (ids === undefined) this.#ids.set(day, (ids = new Set()));
    if (ids.has(event.event_id)) return "repeated";
    ids.add(event.event_id);
    let minutes = this.#symbols.get(event.symbol);
    if (minutes === undefined) this.#symbols.set(event.symbol, (minutes = new SymbolMinutes()));
    minutes.add(event);
    let recent = this.#recent.get(event.symbol);
    if (recent === undefined) this.#recent.set(event.symbol, (recent = []));
    recent.push(event);
    this.#changed.add(floorTo(event.event_time, QUARTER_HOUR_MS));
    this.#firstMinute = Math.min(this.#firstMinute, floorTo(event.event_time, MINUTE_MS));
    return "added";
  }

  minutes(symbol: string): SymbolMinutes {
    return this.#symbols.get(symbol) ?? NO_EVENTS;
  }

  /** The latest event of a side in a range; of the same time, the one with the greater id. */
  latest(symbol: string, side: PositionSide, { start, end }: TimeRange): ReplayedEvent | null {
    let latest: ReplayedEvent | null = null;
    for (const event of this.#recent.get(symbol) ?? []) {
      if (event.position_side !== side || event.event_time < start || event.event_time >= end) continue;
      const later =
        latest === null ||
        event.event_time > latest.event_time ||
        (event.event_time === latest.event_time && event.event_id > latest.event_id);
      if (later) latest = event;
    }
    return latest;
  }

  /** The symbols with the most USD in a range, with unknown sums last, then by name. */
  busiest(range: TimeRange, most: number): readonly string[] {
    const sums = [...this.#symbols].flatMap(([symbol, minutes]) => {
      const { long, short } = minutes.usd(range);
      if (long === null && short === null && minutes.totals(range).length === 0) return [];
      return [{ symbol, usd: long === null && short === null ? -1 : (long ?? 0) + (short ?? 0) }];
    });
    const ordered = sums.toSorted((a, b) => b.usd - a.usd || (a.symbol < b.symbol ? -1 : 1));
    return ordered.slice(0, most).map(({ symbol }) => symbol);
  }

  /** Call it with each minute: drops events that are no longer needed. */
  forget(minute: number): void {
    if (minute % RECENT_MS !== 0) return;
    for (const [symbol, events] of this.#recent) {
      this.#recent.set(
        symbol,
        events.filter((event) => event.event_time >= minute - RECENT_MS),
      );
    }
    if (minute % HOUR_MS !== 0) return;
    for (const minutes of this.#symbols.values()) minutes.forget(minute - REPLAYED_MINUTES_KEPT_MS);
    for (const day of this.#ids.keys()) if (day + DAY_MS <= this.eventsFrom(minute)) this.#ids.delete(day);
  }
}
