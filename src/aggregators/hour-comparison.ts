import type { ExchangeName } from "../liquidation.ts";

/** The contracts of a base asset that a venue trades, by the venue's names. */
export interface VenueContracts {
  readonly exchange: ExchangeName;
  /** Names of the venue, whatever their case. */
  readonly names: readonly string[];
  readonly symbol: string;
  readonly instruments: readonly string[];
}

/** An hour of a venue at the aggregator and here, USD as [long, short]. */
export interface ComparedHour {
  readonly theirs: readonly [long: number, short: number];
  readonly ours: readonly [long: number, short: number];
  /** Share of the hour in which we were connected to the venue, 0 to 1. */
  readonly covered: number;
}

/** A UTC day of a venue: 24 hours, null where the aggregator reported nothing. */
export interface ComparedDay {
  readonly exchange: ExchangeName;
  /** Its start, ms. */
  readonly day: number;
  readonly hours: readonly (ComparedHour | null)[];
}

/** Our totals of a venue beside those of an aggregator, over the hours that both have whole. */
export interface VenueComparison {
  readonly exchange: ExchangeName;
  readonly markets: number;
  readonly hours_reported: number;
  readonly hours_compared: number;
  readonly uptime_share: number | null;
  readonly our_long_usd: number | null;
  readonly our_short_usd: number | null;
  readonly aggregator_long_usd: number | null;
  readonly aggregator_short_usd: number | null;
  readonly ratio: number | null;
  readonly reason: string | null;
  /** Of the last request for the venue; null where it succeeded. */
  readonly error: string | null;
}

/** Only hours that we covered from end to end are compared: a gap of ours is no difference between collectors. */
export function compareVenue(
  exchange: ExchangeName,
  { markets, lacking, error }: { readonly markets: number; readonly lacking: readonly string[]; readonly error: string | null },
  days: readonly ComparedDay[],
): VenueComparison {
  const reported = days.filter((day) => day.exchange === exchange).flatMap(({ hours }) => hours.filter((hour) => hour !== null));
  const whole = reported.filter(({ covered }) => covered >= 1);
  const sum = (of: (hour: ComparedHour) => number) => (whole.length === 0 ? null : whole.reduce((total, hour) => total + of(hour), 0));
  const ours = sum((hour) => hour.ours[0] + hour.ours[1]);
  const theirs = sum((hour) => hour.theirs[0] + hour.theirs[1]);
  const ratio = ours === null || theirs === null || theirs <= 0 ? null : ours / theirs;
  const covered = reported.reduce((total, hour) => total + hour.covered, 0);
  return {
    exchange,
    markets,
    hours_reported: reported.length,
    hours_compared: whole.length,
    uptime_share: reported.length === 0 ? null : covered / reported.length,
    our_long_usd: sum((hour) => hour.ours[0]),
    our_short_usd: sum((hour) => hour.ours[1]),
    aggregator_long_usd: sum((hour) => hour.theirs[0]),
    aggregator_short_usd: sum((hour) => hour.theirs[1]),
    ratio,
    reason: ratio === null ? reasonOf(markets, lacking, reported.length, whole.length) : null,
    error,
  };
}

function reasonOf(markets: number, lacking: readonly string[], reported: number, compared: number): string {
  if (markets === 0 && lacking.length > 0) return `the aggregator lacks contracts that we collect: ${lacking.join(", ")}`;
  if (markets === 0) return "the aggregator lists no contract that we collect from this venue";
  if (reported === 0) return "the aggregator reported no hour of it yet";
  if (compared === 0) return "no hour that it reported was covered here from end to end";
  return "it reported no liquidation in the compared hours";
}
