import type { ExchangeName } from "../../src/liquidation.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { historyFrom } from "../../src/windows/kept.ts";
import { QUARTER_HOUR_MS, type QuarterHour } from "../../src/windows/quarter-hour.ts";
import type { VenueWeights } from "../../src/windows/venue-weights.ts";
import type { D1Read } from "./d1-read.ts";
import { venueDays, venueHistoryFrom, weighVenues } from "./quarter-hour-reads.ts";
import { rowsOf } from "./rows-of.ts";

/** What windows are ranked against, and what venues weigh, up to the last computed quarter-hour. */
export interface RankingHistory {
  /** The end of the last computed quarter-hour, ms; 0 before the first. */
  readonly end: number;
  readonly weights: VenueWeights;
  /**
   * The quarter-hours of each base asset in order. Its history begins with its first liquidation: before that it may not have
   * been collected.
   */
  readonly quarterHours: ReadonlyMap<string, readonly QuarterHour[]>;
}

/** That of a base asset has about 0.2 MB. */
const MAX_REMEMBERED = 20;

/**
 * Histories that an isolate has read, so that requests within a quarter-hour neither transfer nor parse them again: 28 days of one
 * base asset are about 0.3 MB of JSON.
 */
export class RankingHistories {
  readonly #histories = new Map<string, RankingHistory>();

  get(key: string): RankingHistory | null {
    return this.#histories.get(key) ?? null;
  }

  set(key: string, history: RankingHistory): void {
    this.#histories.delete(key);
    this.#histories.set(key, history);
    const [oldest] = this.#histories.keys();
    if (this.#histories.size > MAX_REMEMBERED && oldest !== undefined) this.#histories.delete(oldest);
  }
}

/** The end of the last computed quarter-hour; null before the first. Each run that changes the history moves it. */
const END = `(SELECT day + json_array_length(heard) * ${QUARTER_HOUR_MS} FROM quarter_heard ORDER BY day DESC LIMIT 1)`;
/** The first day to read: none where the history that ends at ?1 is remembered. */
const FROM_DAY = `iif(${END} = ?1, ${Number.MAX_SAFE_INTEGER}, ?2)`;

const TOTALS = `
  SELECT symbol, day, long_usd, short_usd FROM quarter_totals
  WHERE symbol IN (SELECT value FROM json_each(?3)) AND day >= ${FROM_DAY}`;
/** The last day shows where the history ends. */
const UPTIME = `SELECT day, heard FROM quarter_heard WHERE day >= iif(${END} = ?1, ?3, ?2) ORDER BY day`;
const VENUES = `SELECT exchange, day, usd FROM quarter_venues WHERE day >= ${FROM_DAY} ORDER BY day`;

interface TotalsRow {
  readonly symbol: string;
  readonly day: number;
  readonly long_usd: string;
  readonly short_usd: string;
}

interface UptimeRow {
  readonly day: number;
  readonly heard: string;
}

interface HistoryQuery {
  /** The venues to weigh. */
  readonly publishing: readonly ExchangeName[];
  readonly symbols: readonly string[];
  /** The length of the longest window that is ranked. */
  readonly longestMs: number;
  /** The time by which the windows end, ms. */
  readonly time: number;
}

/** @param remembered histories that were read before; null for many base assets at once, whose histories would take too much memory */
export function rankingHistoryRead(db: D1Database, query: HistoryQuery, remembered: RankingHistories | null): D1Read<RankingHistory> {
  const { publishing, symbols, longestMs, time } = query;
  const [from, venuesFrom] = [historyFrom(longestMs, time), venueHistoryFrom(time)];
  const key = JSON.stringify([publishing, symbols, from, venuesFrom]);
  const known = remembered?.get(key) ?? null;
  const knownEnd = known?.end ?? 0;
  const statements = [
    db.prepare(TOTALS).bind(knownEnd, from, JSON.stringify(symbols)),
    db.prepare(UPTIME).bind(knownEnd, from, floorTo(knownEnd - 1, DAY_MS)),
    db.prepare(VENUES).bind(knownEnd, venuesFrom),
  ];
  return { statements, valueOf };

  function valueOf([totals, uptime, venues]: readonly D1Result[]): RankingHistory {
    const days = rowsOf<UptimeRow>(uptime).map(({ day, heard }) => ({ day, shares: numbers(heard) }));
    const last = days.at(-1);
    const end = last === undefined ? 0 : last.day + last.shares.length * QUARTER_HOUR_MS;
    if (known !== null && known.end === end) return known;
    const rows = Map.groupBy(rowsOf<TotalsRow>(totals), ({ symbol }) => symbol);
    const quarterHours = new Map(symbols.map((symbol) => [symbol, quarterHoursOf(rows.get(symbol) ?? [], days)]));
    const history = { end, weights: weighVenues(publishing, venueDays(venues), end), quarterHours };
    remembered?.set(key, history);
    return history;
  }
}

interface UptimeDay {
  readonly day: number;
  readonly shares: readonly number[];
}

function quarterHoursOf(rows: readonly TotalsRow[], days: readonly UptimeDay[]): readonly QuarterHour[] {
  const own = new Map(rows.map((row) => [row.day, row]));
  const quarterHours = days.flatMap(({ day, shares }) => {
    const row = own.get(day);
    const long = numbers(row?.long_usd);
    const short = numbers(row?.short_usd);
    return shares.map((uptime, index) => ({
      start: day + index * QUARTER_HOUR_MS,
      long: long[index] ?? 0,
      short: short[index] ?? 0,
      uptime,
    }));
  });
  const first = quarterHours.findIndex((quarterHour) => quarterHour.long > 0 || quarterHour.short > 0);
  return first === -1 ? [] : quarterHours.slice(first);
}

function numbers(json: string | undefined): readonly number[] {
  return json === undefined ? [] : (JSON.parse(json) as readonly number[]);
}
