import type { ExchangeName } from "../liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import { uptimeShare } from "../windows/uptime-share.ts";
import { QUARTER_HOUR_MS, type QuarterHour } from "../windows/quarter-hour.ts";
import { type VenueWeights, WEIGHED_OVER_MS, venueWeights } from "../windows/venue-weights.ts";
import type { KnownEvents } from "./known-events.ts";
import type { KnownGaps } from "./known-gaps.ts";
import { QuarterHourSeries } from "./quarter-hour-series.ts";
import { QUARTER_HOURS_CORRECTED_MS, QUARTER_HOURS_FROM_MINUTES_MS, QUARTER_HOURS_KEPT_MS, historyFrom } from "../windows/kept.ts";

interface ReadList {
  readonly from: number;
  readonly list: readonly QuarterHour[];
}

/**
 * The quarter-hours that windows are ranked against, kept like those of the live cron job: added a minute after they
 * ended, corrected for two hours, then unchanged.
 */
export class QuarterHourHistory {
  readonly #publishing: readonly ExchangeName[];
  readonly #series = new Map<string, QuarterHourSeries>();
  readonly #venueUsd = new Map<ExchangeName, Map<number, number>>();
  /** Rebuilt with each new quarter-hour; the lists of the symbols are read every minute. */
  readonly #lists = new Map<string, ReadList>();
  #end: number | null = null;
  /** Number of base assets that were summed. */
  #symbols = 0;
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
    // The sums of a base asset that is new reach as far back as those of the others.
    const isNew = events.symbols.size > this.#symbols;
    for (let quarterHour = start; quarterHour < end; quarterHour += QUARTER_HOUR_MS) {
      if (isNew || quarterHour >= due || events.hasChanged(quarterHour)) this.#sum(quarterHour, events);
    }
    this.#symbols = events.symbols.size;
    events.readBefore(end);
    this.#weights = this.#weigh(end);
    for (let quarterHour = start; quarterHour < end; quarterHour += QUARTER_HOUR_MS) {
      const range = { start: quarterHour, end: quarterHour + QUARTER_HOUR_MS };
      const uptime = uptimeShare(inRange, this.#weights, range);
      for (const series of this.#series.values()) series.setUptime(quarterHour, uptime);
    }
    this.#end = end;
    this.#forget(minute - QUARTER_HOURS_KEPT_MS);
    this.#lists.clear();
  }

  /** The quarter-hours of one symbol, oldest first, from its first liquidation on. */
  quarterHours(symbol: string, longestMs: number, minute: number): readonly QuarterHour[] {
    const from = historyFrom(longestMs, minute);
    const read = this.#lists.get(symbol);
    if (read?.from === from) return read.list;
    const list = this.#series.get(symbol)?.since(from) ?? [];
    this.#lists.set(symbol, { from, list });
    return list;
  }

  #sum(quarterHour: number, events: KnownEvents): void {
    const range = { start: quarterHour, end: quarterHour + QUARTER_HOUR_MS };
    const venues = new Map<ExchangeName, number>();
    for (const [symbol, minutes] of events.symbols) {
      this.#set(symbol, quarterHour, minutes.usd(range));
      for (const { exchange, usd } of minutes.totals(range)) venues.set(exchange, (venues.get(exchange) ?? 0) + (usd ?? 0));
    }
    for (const name of this.#publishing) {
      const own = this.#venueUsd.get(name) ?? new Map<number, number>();
      this.#venueUsd.set(name, own.set(quarterHour, venues.get(name) ?? 0));
    }
  }

  #weigh(end: number): VenueWeights {
    const usd = new Map<ExchangeName, number>();
    let known = 0;
    for (const [exchange, own] of this.#venueUsd) {
      let sum = 0;
      known = 0;
      // Quarter-hours are added in order.
      for (const [start, value] of own) {
        if (start < end - WEIGHED_OVER_MS || start >= end) continue;
        sum += value;
        known += 1;
      }
      usd.set(exchange, sum);
    }
    return venueWeights(this.#publishing, usd, known);
  }

  #set(symbol: string, quarterHour: number, { long, short }: Readonly<Record<"long" | "short", number | null>>): void {
    let series = this.#series.get(symbol);
    if (series === undefined) this.#series.set(symbol, (series = new QuarterHourSeries()));
    series.set({ start: quarterHour, long: long ?? 0, short: short ?? 0, uptime: 0 });
  }

  #forget(before: number): void {
    for (const series of this.#series.values()) series.forget(before - DAY_MS);
    for (const quarterHours of this.#venueUsd.values()) {
      for (const start of quarterHours.keys()) if (start + DAY_MS <= before) quarterHours.delete(start);
    }
  }
}
