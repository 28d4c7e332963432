import type { Config } from "../config.ts";
import type { ExchangeName } from "../liquidation.ts";
import { type Squeeze, squeezeOf } from "../market-state/squeeze.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import type { SignalInput, VenueNow } from "./signal-input.ts";

/** A mark older than this, or this far from the start of a change, tells nothing of that moment. */
const MARK_AGE_MS = 5 * MINUTE_MS;
/** Fewer values than a day of hours give no percentile. */
const MIN_RANKED = 24;
const RANKED_MS = 7 * DAY_MS;

/** The fields of a venue's minute mark that its state is made of. */
export const VENUE_MARK_COLUMNS = [
  "exchange",
  "minute",
  "close",
  "index_price",
  "open_interest_usd",
  "funding_rate",
  "funding_interval_hours",
] as const satisfies readonly (keyof MinuteMark)[];
export type VenueMark = Pick<MinuteMark, (typeof VENUE_MARK_COLUMNS)[number]>;

export interface VenueRows {
  /** The marks of the ranges `venueMarkRanges`, oldest first. */
  readonly marks: readonly VenueMark[];
  /** The marks of the minutes `rankedMinutes`. */
  readonly ranked: readonly RankedMark[];
}

/** The fields of a mark that rank the present among the hours of the last 7 days. */
export const RANKED_COLUMNS = ["exchange", "funding_rate", "open_interest_usd", "close"] as const satisfies readonly (keyof MinuteMark)[];
export type RankedMark = Pick<MinuteMark, (typeof RANKED_COLUMNS)[number]>;

/** The state of a venue's contract, and the rank of its open interest. */
export interface VenueMarket extends Omit<VenueNow, "share"> {
  /** Share of the hours of the last 7 days in which open interest in contracts was lower, 0 to 1. */
  readonly open_interest_percentile: number | null;
}

/** The ranges of minutes before a decision, and before 5 min, 1 h and 24 h ago, that are over by `knownTime`. */
export function venueMarkRanges(minute: number, knownTime: number): readonly [now: TimeRange, ...earlier: TimeRange[]] {
  const end = Math.min(minute, floorTo(knownTime, MINUTE_MS));
  return [rangeBefore(end), ...CHANGES_MS.map((length) => rangeBefore(end - length))];
}

function rangeBefore(end: number): TimeRange {
  return { start: end - MARK_AGE_MS, end };
}

const CHANGES_MS = [5 * MINUTE_MS, HOUR_MS, DAY_MS] as const;

/** The last minute of each hour of the last 7 days that is over by `knownTime`. */
export function rankedMinutes(minute: number, knownTime: number): readonly number[] {
  const end = floorTo(Math.min(minute, knownTime), HOUR_MS);
  return Array.from({ length: RANKED_MS / HOUR_MS }, (_, hour) => end - hour * HOUR_MS - MINUTE_MS);
}

/** The names of the configured venues, and of any other that has liquidations in the compared window. */
function namesOf(config: Pick<Config, "LIQUIDATION_EXCHANGES">, exchanges: SymbolWindow["exchanges"]): readonly ExchangeName[] {
  return [...new Set([...config.LIQUIDATION_EXCHANGES, ...(Object.keys(exchanges) as (keyof typeof exchanges)[])])];
}

/** The state of each configured venue, and of any other that has liquidations in the compared window; and who is crowded. */
export function venuesNow(
  config: Pick<Config, "LIQUIDATION_EXCHANGES">,
  { exchanges, sides, as_of_time: minute }: SymbolWindow,
  knownTime: number,
  rows: VenueRows,
): { readonly venues: SignalInput["venues"]; readonly squeeze: Squeeze } {
  const all = sides.total.usd;
  const markets = venueMarkets(namesOf(config, exchanges), minute, knownTime, rows);
  const venues = [...markets].map(([name, { open_interest_percentile: _rank, ...market }]): [string, VenueNow] => {
    const usd = exchanges[name]?.total.usd ?? null;
    const share = usd === null || all === null || all === 0 ? null : usd / all;
    return [name, { share, ...market }];
  });
  return { venues: Object.fromEntries(venues), squeeze: squeezeOf([...markets.values()]) };
}

/** The state of venues' contracts before a minute, as far as it was known. */
export function venueMarkets(
  names: readonly ExchangeName[],
  minute: number,
  knownTime: number,
  rows: VenueRows,
): ReadonlyMap<ExchangeName, VenueMarket> {
  return new Map(names.map((name) => [name, venueMarket(name, venueMarkRanges(minute, knownTime), rows)]));
}

function venueMarket(
  exchange: ExchangeName,
  [now, fiveMinutes, hour, day]: ReturnType<typeof venueMarkRanges>,
  rows: VenueRows,
): VenueMarket {
  const own = rows.marks.filter((mark) => mark.exchange === exchange);
  const ranked = rows.ranked.filter((mark) => mark.exchange === exchange);
  const latest = <Name extends "funding_rate" | "funding_interval_hours" | "open_interest_usd">(name: Name, range: TimeRange | undefined) =>
    own.findLast((mark) => isIn(mark, range) && mark[name] !== null)?.[name] ?? null;
  const interest = latest("open_interest_usd", now);
  const changeSince = (range: TimeRange | undefined) => changePct(latest("open_interest_usd", range), interest);
  const priced = own.findLast((mark) => isIn(mark, now) && mark.index_price !== null);
  const counted = own.findLast((mark) => isIn(mark, now) && mark.open_interest_usd !== null);
  const rate = latest("funding_rate", now);
  return {
    funding_rate: rate,
    funding_interval_hours: latest("funding_interval_hours", now),
    funding_percentile: percentile(
      rate,
      ranked.map((mark) => mark.funding_rate),
    ),
    open_interest_usd: interest,
    open_interest_change_5m_pct: changeSince(fiveMinutes),
    open_interest_change_1h_pct: changeSince(hour),
    open_interest_change_24h_pct: changeSince(day),
    open_interest_percentile: percentile(counted === undefined ? null : contractsOf(counted), ranked.map(contractsOf)),
    basis_bps: priced === undefined || priced.index_price === null ? null : 1e4 * (priced.close / priced.index_price - 1),
  };
}

/** Open interest in contracts, which does not rise with the price; null where unknown. */
function contractsOf({ open_interest_usd: usd, close }: Pick<MinuteMark, "open_interest_usd" | "close">): number | null {
  return usd === null ? null : usd / close;
}

function isIn({ minute }: VenueMark, range: TimeRange | undefined): boolean {
  return range !== undefined && minute >= range.start && minute < range.end;
}

function changePct(before: number | null, now: number | null): number | null {
  return before === null || now === null || before === 0 ? null : 100 * (now / before - 1);
}

function percentile(value: number | null, among: readonly (number | null)[]): number | null {
  const known = among.filter((one) => one !== null);
  if (value === null || known.length < MIN_RANKED) return null;
  return known.filter((one) => one < value).length / known.length;
}
