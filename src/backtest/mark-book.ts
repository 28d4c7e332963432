import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../minute-mark.ts";
import { HORIZONS, type Horizon } from "../grades/grade.ts";
import { GRID_MS, type HourMark } from "../grades/hour-mark.ts";
import { type MarkPath, type PathProblem, endMinutes, entryMark, markPath, pathRanges } from "../grades/mark-path.ts";
import { hoursKeptFrom } from "../grades/random-times.ts";
import type { TakerFees } from "../grades/taker-fees.ts";
import { type ExpectedCost, expectedCost, minuteVolatility, minutesBefore } from "../grades/trading-cost.ts";
import type { RankedMark } from "../signals/venue-now.ts";
import { MIN_SAMPLES } from "../grades/venue-mark.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { ReplayedEvent } from "./replayed-event.ts";

/** Open, high, low and close of a base asset's mark price over a minute. */
export type Mark = Pick<MinuteMark, "minute" | "open" | "high" | "low" | "close">;
/** A mark of a file. One without a venue counts as of the most preferred one, and then has enough mark prices. */
export type SymbolMark = Mark & Pick<MinuteMark, "symbol"> & Partial<MinuteMark>;

/** A path continues for a day. */
const KEPT_MS = 2 * DAY_MS;

interface SeenMark extends MinuteMark {
  readonly openTime: number;
  readonly closeTime: number;
}

/** The marks of one venue and symbol: by minute, and for random times by hour. */
interface VenueBook {
  readonly exchange: ExchangeName;
  /** By minutes since 1970. */
  readonly minutes: Map<number, SeenMark>;
  readonly hours: Map<number, HourMark>;
  /** What ranks later ones, of the last minute of each hour that is forgotten otherwise. */
  readonly ranked: Map<number, RankedMark>;
}

/**
 * Mark prices by symbol, venue and minute: whole minutes from a file, or the mark prices carried by the liquidations. In
 * the second case a minute has a mark only if a liquidation of the symbol was received within it, its open is the first
 * mark seen rather than that of its first second, and its extremes are those of the marks seen; a single mark price is
 * then enough to enter at.
 */
export class MarkBook {
  readonly #symbols = new Map<string, Map<ExchangeName, VenueBook>>();
  /** The same in the order of preference. */
  readonly #preferred = new Map<string, readonly VenueBook[]>();
  #minSamples = MIN_SAMPLES;

  put(mark: SymbolMark): void {
    const { minute } = mark;
    const times = { openTime: minute, closeTime: minute };
    const whole = { exchange: EXCHANGES[0], samples: MIN_SAMPLES, ...UNKNOWN_MINUTE_MARKET, ...mark, ...times };
    this.#of(whole).minutes.set(minute / MINUTE_MS, whole);
  }

  /** Adds the mark price of an event, at the time the collector received it. */
  see({ symbol, exchange, received_time, mark_price: price, mark_age_ms: age }: ReplayedEvent): void {
    if (price === null || !(price > 0)) return;
    this.#minSamples = 1;
    const time = received_time - (age ?? 0);
    const minute = floorTo(time, MINUTE_MS);
    const { minutes } = this.#of({ symbol, exchange });
    const known = minutes.get(minute / MINUTE_MS);
    const opensLater = known !== undefined && time >= known.openTime;
    const closesEarlier = known !== undefined && time < known.closeTime;
    minutes.set(minute / MINUTE_MS, {
      minute,
      symbol,
      exchange,
      open: opensLater ? known.open : price,
      openTime: opensLater ? known.openTime : time,
      high: Math.max(price, known?.high ?? price),
      low: Math.min(price, known?.low ?? price),
      close: closesEarlier ? known.close : price,
      closeTime: closesEarlier ? known.closeTime : time,
      samples: (known?.samples ?? 0) + 1,
      ...UNKNOWN_MINUTE_MARKET,
    });
  }

  /** The path of a trade that enters in a minute at the earliest, or why there is none at `now`. */
  path(symbol: string, minute: number, horizon: Horizon, now: number, fees: TakerFees): MarkPath | PathProblem {
    const entry = entryMark(this.venueMarks(symbol, endMinutes(minute), now), fees, this.#minSamples);
    if (typeof entry === "string") return entry;
    const { exchange } = entry;
    const of = (range: TimeRange) => this.range({ symbol, exchange }, range, now);
    const ranges = pathRanges(entry, HORIZONS[horizon]);
    const between = of(ranges.path);
    const rows = {
      entry,
      before: of(ranges.before),
      exit: of(ranges.exit)[0],
      high: between.reduce((high, mark) => Math.max(high, mark.high), entry.high),
      low: between.reduce((low, mark) => Math.min(low, mark.low), entry.low),
      funding: ranges.funding.flatMap(of),
    };
    return markPath(rows, fees[exchange]);
  }

  /** What a trade is expected to cost at a minute; null where unknown. */
  expectedCost(symbol: string, minute: number, fees: TakerFees): ExpectedCost | null {
    return expectedCost(this.venueMarks(symbol, minutesBefore(minute), minute), minute, fees, this.#minSamples);
  }

  /**
   * The price of a venue at a time inside a minute, on the straight line from the minute's open to its close: an estimate,
   * because marks are kept by minute. Null where the minute has no mark.
   */
  priceAt(symbol: string, exchange: ExchangeName, time: number): number | null {
    const minute = floorTo(time, MINUTE_MS);
    const mark = this.#symbols
      .get(symbol)
      ?.get(exchange)
      ?.minutes.get(minute / MINUTE_MS);
    return mark === undefined ? null : mark.open + ((mark.close - mark.open) * (time - minute)) / MINUTE_MS;
  }

  /** The marks of one venue in these hours, as far as they are known. */
  hours(symbol: string, exchange: ExchangeName, hours: readonly number[]): readonly HourMark[] {
    const known = this.#symbols.get(symbol)?.get(exchange)?.hours;
    return hours.flatMap((hour) => known?.get(hour) ?? []);
  }

  /** What ranks later marks, of these minutes, each the last one of an hour, by venue. */
  ranked(symbol: string, minutes: readonly number[]): readonly RankedMark[] {
    return [...(this.#symbols.get(symbol)?.values() ?? [])].flatMap((book) =>
      minutes.flatMap((minute) => book.minutes.get(minute / MINUTE_MS) ?? book.ranked.get(minute) ?? []),
    );
  }

  /** Call it with each minute. */
  forget(minute: number): void {
    if (minute % HOUR_MS !== 0) return;
    for (const [symbol, venues] of this.#symbols) {
      for (const [exchange, { minutes, hours, ranked }] of venues) {
        const last = minutes.get(minute / MINUTE_MS - 1);
        if (last !== undefined) ranked.set(minute - MINUTE_MS, rankedOf(last));
        const hour = this.#hourMark({ symbol, exchange }, minute - HOUR_MS);
        if (hour !== null) hours.set(hour.hour, hour);
        for (const one of hours.keys()) if (one < hoursKeptFrom(minute)) hours.delete(one);
        for (const one of ranked.keys()) if (one < hoursKeptFrom(minute)) ranked.delete(one);
        forgetBefore(minutes, (minute - KEPT_MS) / MINUTE_MS);
      }
    }
  }

  #hourMark(venue: Pick<MinuteMark, "symbol" | "exchange">, hour: number): HourMark | null {
    const marks = this.range(venue, { start: hour, end: hour + HOUR_MS }, Infinity);
    if (marks.length === 0) return null;
    const openOf = new Map(marks.map(({ minute, open }) => [minute, open]));
    const opens = Array.from({ length: HOUR_MS / GRID_MS }, (_, index) => openOf.get(hour + index * GRID_MS) ?? null);
    return { hour, opens, volatility: minuteVolatility(marks) };
  }

  /** The marks of all venues, oldest first, of one minute in the order of preference. */
  venueMarks(symbol: string, range: TimeRange, now: number): readonly MinuteMark[] {
    return marksOf(this.#preferred.get(symbol) ?? [], range, now);
  }

  /** The marks of one venue in the minutes of a range that are over at `now`, oldest first: a live run has the feeds write theirs first. */
  range({ symbol, exchange }: Pick<MinuteMark, "symbol" | "exchange">, range: TimeRange, now: number): readonly MinuteMark[] {
    const book = this.#symbols.get(symbol)?.get(exchange);
    return book === undefined ? [] : marksOf([book], range, now);
  }

  #of({ symbol, exchange }: Pick<MinuteMark, "symbol" | "exchange">): VenueBook {
    let venues = this.#symbols.get(symbol);
    if (venues === undefined) this.#symbols.set(symbol, (venues = new Map()));
    let book = venues.get(exchange);
    if (book !== undefined) return book;
    venues.set(exchange, (book = { exchange, minutes: new Map(), hours: new Map(), ranked: new Map() }));
    const all = [...venues.values()];
    this.#preferred.set(
      symbol,
      all.toSorted((a, b) => EXCHANGES.indexOf(a.exchange) - EXCHANGES.indexOf(b.exchange)),
    );
    return book;
  }
}

/** The marks of some venues in the minutes of a range that are over at `now`, oldest first. */
function marksOf(books: readonly VenueBook[], { start, end }: TimeRange, now: number): readonly MinuteMark[] {
  const found: MinuteMark[] = [];
  const until = Math.min(Math.ceil(end / MINUTE_MS), Math.floor(now / MINUTE_MS));
  for (let minute = Math.ceil(start / MINUTE_MS); minute < until; minute += 1) {
    for (const { minutes } of books) {
      const mark = minutes.get(minute);
      if (mark !== undefined) found.push(mark);
    }
  }
  return found;
}

/** Drops minutes from the oldest on. They come about in their order: one behind a later one is dropped with it. */
function forgetBefore(minutes: Map<number, unknown>, first: number): void {
  for (const minute of minutes.keys()) {
    if (minute >= first) return;
    minutes.delete(minute);
  }
}

function rankedOf({ exchange, funding_rate, open_interest_usd, close }: MinuteMark): RankedMark {
  return { exchange, funding_rate, open_interest_usd, close };
}
