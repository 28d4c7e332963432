import type { ExchangeName } from "../liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import { uptimeShare } from "../windows/uptime-share.ts";
import { QUARTER_HOUR_MS, type QuarterHour } from "../windows/quarter-hour.ts";
import { type VenueWeights, WEIGHED_OVER_MS, venueWeights } from "../windows/venue-weights.ts";
import type { KnownEvents } from "./known-events.ts";
import type { KnownGaps } from "./known-gaps.ts";
import { QUARTER_HOURS_CORRECTED_MS, QUARTER_HOURS_FROM_MINUTES_MS, QUARTER_HOURS_KEPT_MS, historyFrom } from "../windows/kept.ts";

interface Usd {
  readonly long: number;
  readonly short: number;
}

const NO_USD: Usd = { long: 0, short: 0 };

/**
 * The quarter-hours that windows are ranked against, kept like those of the live cron job: added a minute after they
 * ended, corrected for two hours, then unchanged.
 */
export class QuarterHourHistory {
  readonly #publishing: readonly ExchangeName[];
  readonly #uptime = new Map<number, number>();
  readonly #usd = new Map<string, Map<number, Usd>>();
  readonly #venueUsd = new Map<ExchangeName, Map<number, number>>();
  /** Rebuilt with each new quarter-hour; the lists of the symbols are read every minute. */
  readonly #lists = new Map<string, readonly QuarterHour[]>();
  #end: number | null = null;
  #weights: VenueWeights;

  constructor(publishing: readonly ExchangeName[]) {
    this.#publishing = publishing;
    this.#weights = venueWeights(publishing, new Map(), 0);
  }

  /** The weights of the venues, by their USD of the last 7 days. */
  get weights(): VenueWeights {
    return this.#weights;
  }

  /** Updates the history at a minute; no minute may be skipped. */
  advance(minute: number, events: KnownEvents, gaps: KnownGaps): void {
    const end = floorTo(minute - MINUTE_MS, QUARTER_HOUR_MS);
    const oldest = floorTo(minute - QUARTER_HOURS_FROM_MINUTES_MS, HOUR_MS);
    const due = Math.max(this.#end ?? Math.min(end, floorTo(events.firstMinute, QUARTER_HOUR_MS)), oldest);
    if (due >= end) return;
    const start = Math.max(due - QUARTER_HOURS_CORRECTED_MS, oldest);
    const inRange = gaps.overlapping({ start, end }, minute);
    for (let quarterHour = start; quarterHour < end; quarterHour += QUARTER_HOUR_MS) this.#sum(quarterHour, events);
    this.#weights = this.#weigh(end);
    for (let quarterHour = start; quarterHour < end; quarterHour += QUARTER_HOUR_MS) {
      const range = { start: quarterHour, end: quarterHour + QUARTER_HOUR_MS };
      this.#uptime.set(quarterHour, uptimeShare(inRange, this.#weights, range));
    }
    this.#end = end;
    this.#forget(minute - QUARTER_HOURS_KEPT_MS);
    this.#lists.clear();
  }

  /** The quarter-hours of one symbol, oldest first, from its first liquidation on. */
  quarterHours(symbol: string, longestMs: number, minute: number): readonly QuarterHour[] {
    const from = historyFrom(longestMs, minute);
    const key = `${symbol} ${from}`;
    let list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, (list = this.#list(symbol, from)));
    return list;
  }

  #list(symbol: string, from: number): readonly QuarterHour[] {
    const usd = this.#usd.get(symbol);
    const starts = [...this.#uptime.keys()].filter((start) => start >= from).toSorted((a, b) => a - b);
    const all = starts.map((start) => {
      const { long, short } = usd?.get(start) ?? NO_USD;
      return { start, long, short, uptime: this.#uptime.get(start) ?? 0 };
    });
    const first = all.findIndex((quarterHour) => quarterHour.long > 0 || quarterHour.short > 0);
    return first === -1 ? [] : all.slice(first);
  }

  #sum(quarterHour: number, events: KnownEvents): void {
    const range = { start: quarterHour, end: quarterHour + QUARTER_HOUR_MS };
    const venues = new Map<ExchangeName, number>();
    for (const symbol of events.symbols) {
      const minutes = events.minutes(symbol);
      this.#set(symbol, quarterHour, minutes.usd(range));
      for (const { exchange, usd } of minutes.totals(range)) venues.set(exchange, (venues.get(exchange) ?? 0) + (usd ?? 0));
    }
    for (const name of this.#publishing) {
      const own = this.#venueUsd.get(name) ?? new Map<number, number>();
      this.#venueUsd.set(name, own.set(quarterHour, venues.get(name) ?? 0));
    }
  }

  #weigh(end: number): VenueWeights {
    const isInside = (start: number) => start >= end - WEIGHED_OVER_MS && start < end;
    const usd = new Map<ExchangeName, number>();
    let known = 0;
    for (const [exchange, own] of this.#venueUsd) {
      const values = [...own].filter(([start]) => isInside(start)).toSorted((a, b) => a[0] - b[0]);
      known = values.length;
      usd.set(
        exchange,
        values.reduce((sum, [, value]) => sum + value, 0),
      );
    }
    return venueWeights(this.#publishing, usd, known);
  }

  #set(symbol: string, quarterHour: number, { long, short }: Readonly<Record<"long" | "short", number | null>>): void {
    let usd = this.#usd.get(symbol);
    if (usd === undefined) this.#usd.set(symbol, (usd = new Map()));
    usd.set(quarterHour, { long: long ?? 0, short: short ?? 0 });
  }

  #forget(before: number): void {
    for (const quarterHours of [this.#uptime, ...this.#usd.values(), ...this.#venueUsd.values()]) {
      for (const start of quarterHours.keys()) if (start + DAY_MS <= before) quarterHours.delete(start);
    }
  }
}
