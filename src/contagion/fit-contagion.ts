import { exchanges } from "../exchanges/registry.ts";
import type { Gap } from "../gap.ts";
import { fittingTimes } from "../hawkes/spread-batches.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import {
  CONTAGION_METHOD,
  type Contagion,
  type ContagionEffect,
  type ContagionVenue,
  LEADING_SYMBOL,
  MIN_COVERED,
  MIN_EVENTS,
  MIN_VENUE_COVERED,
  withheldContagion,
} from "./contagion.ts";
import { coveredBlocks, coveredByAll, shareOf } from "./covered-blocks.ts";
import { BLOCK_BINS, type EventGrid, eventStream } from "./event-grid.ts";
import { type FittedEntry, type FittedStream, fitStreams } from "./fit-streams.ts";

/** Times of the events of a base asset by venue, ms, in any order. */
export type VenueTimes = ReadonlyMap<ExchangeName, readonly number[]>;

/** What was stored of a window of whole days. */
export interface ContagionWindow extends TimeRange {
  readonly gaps: readonly Gap[];
  /** By venue: the starts of the days with an event of any base asset, ms. */
  readonly days: ReadonlyMap<ExchangeName, ReadonlySet<number>>;
  /** Reported events by base asset. */
  readonly times: ReadonlyMap<string, VenueTimes>;
}

interface Venue {
  readonly exchange: ExchangeName;
  readonly times: readonly number[];
  readonly blocks: Uint8Array;
}

/** Fits who triggers whom over the venues of a base asset, and what BTC triggers in it. */
export function fitContagion(symbol: string, window: ContagionWindow): Contagion {
  const { start, end, gaps, days, times } = window;
  const range = { symbol, start_time: start, end_time: end };
  const present = [...(times.get(symbol) ?? [])].map(([exchange, own]): Venue => ({
    exchange,
    times: own,
    blocks: coveredBlocks(exchange, gaps, days.get(exchange) ?? new Set(), window),
  }));
  const enough = present.filter((venue) => leftOut(venue) === null);
  const compared = coveredTogether(enough);
  const covered = coveredByAll(compared.map(({ blocks }) => blocks));
  const grid: EventGrid = { pieceBins: BLOCK_BINS, covered };
  const streams = compared.map(({ exchange, times: own }) => streamOf(exchange, own, grid, start));
  const venues = present.map((venue) => venueOf(venue, compared, streams));
  const few = streams.filter(({ stream }) => stream.events < MIN_EVENTS).length;
  if (enough.length < 2 || streams.length - few < 2) {
    const detail = `at most one venue has ${MIN_EVENTS} events and is covered for ${100 * MIN_VENUE_COVERED} % of the window`;
    return withheldContagion(range, { reason: "too_few_venues", detail }, venues);
  }
  if (shareOf(covered) < MIN_COVERED || few > 0) {
    const detail = `the venues were covered together for ${(100 * shareOf(covered)).toFixed(1)} % of the window, under ${100 * MIN_COVERED} %`;
    return withheldContagion(range, { reason: "gaps", detail }, venues);
  }
  const { entries, spectralRadius, nulls } = fitStreams(streams, grid, `${symbol} ${end}`);
  return {
    ...range,
    method: CONTAGION_METHOD,
    withheld: null,
    venues,
    covered_share: shareOf(covered),
    entries: entries.flatMap((entry) => {
      const [from, to] = [compared[entry.from], compared[entry.to]];
      return from === undefined || to === undefined ? [] : [{ from_exchange: from.exchange, to_exchange: to.exchange, ...effectOf(entry) }];
    }),
    spectral_radius: spectralRadius,
    nulls,
    from_btc: symbol === LEADING_SYMBOL ? null : fromLeader(compared, grid, window, `${symbol} ${end}`),
  };
}

function leftOut({ times, blocks }: Venue): ContagionVenue["left_out"] {
  if (times.length < MIN_EVENTS) return "too_few_events";
  return shareOf(blocks) < MIN_VENUE_COVERED ? "gaps" : null;
}

/** Leaves out the venues with the least coverage, until the others are covered together for long enough or are two. */
function coveredTogether(venues: readonly Venue[]): readonly Venue[] {
  const kept = venues.toSorted((a, b) => shareOf(b.blocks) - shareOf(a.blocks));
  while (kept.length > 2 && shareOf(coveredByAll(kept.map(({ blocks }) => blocks))) < MIN_COVERED) kept.pop();
  return venues.filter((venue) => kept.includes(venue));
}

function streamOf(exchange: ExchangeName, times: readonly number[], grid: EventGrid, start: number): FittedStream {
  const spread = fittingTimes(times.map((event_time) => ({ exchange, event_time })));
  return {
    stream: eventStream(
      spread.map((time) => time - start),
      grid,
    ),
    resolutionMs: exchanges[exchange].lagResolutionMs,
  };
}

function venueOf(venue: Venue, compared: readonly Venue[], streams: readonly FittedStream[]): ContagionVenue {
  const { coverage, lagResolutionMs } = exchanges[venue.exchange];
  const place = compared.indexOf(venue);
  return {
    exchange: venue.exchange,
    coverage,
    throttled: coverage !== "all_reported",
    events: streams[place]?.stream.events ?? venue.times.length,
    covered_share: shareOf(venue.blocks),
    resolution_ms: lagResolutionMs,
    left_out: place >= 0 ? null : (leftOut(venue) ?? "gaps"),
  };
}

function effectOf({ p, floorMs, found }: FittedEntry): ContagionEffect {
  return {
    reason: found === null ? "not_beyond_chance" : null,
    p_value: p,
    ratio: found?.ratio.estimate ?? null,
    ratio_low: found?.ratio.low ?? null,
    ratio_high: found?.ratio.high ?? null,
    share_of_events: found?.share.estimate ?? null,
    share_low: found?.share.low ?? null,
    share_high: found?.share.high ?? null,
    delay_s: found?.delayS ?? null,
    floor_ms: floorMs,
    outweighs_reverse: floorMs === null ? null : (found?.outweighsReverse ?? null),
  };
}

/** What BTC triggers in the base asset, both on all compared venues together; null where BTC has too few events. */
function fromLeader(compared: readonly Venue[], grid: EventGrid, { start, times }: ContagionWindow, seed: string): ContagionEffect | null {
  const own = together(compared, new Map(compared.map((venue) => [venue.exchange, venue.times])), grid, start);
  const leader = together(compared, times.get(LEADING_SYMBOL) ?? new Map(), grid, start);
  if (leader.stream.events < MIN_EVENTS || own.stream.events < MIN_EVENTS) return null;
  const entry = fitStreams([leader, own], grid, `${seed} ${LEADING_SYMBOL}`).entries.find(({ from, to }) => from === 0 && to === 1);
  return entry === undefined ? null : effectOf(entry);
}

/** The events of some venues as one stream, as fine as the coarsest of their clocks. */
function together(venues: readonly Venue[], times: VenueTimes, grid: EventGrid, start: number): FittedStream {
  const events = venues.flatMap(({ exchange }) => (times.get(exchange) ?? []).map((event_time) => ({ exchange, event_time })));
  return {
    stream: eventStream(
      fittingTimes(events).map((time) => time - start),
      grid,
    ),
    resolutionMs: Math.max(...venues.map(({ exchange }) => exchanges[exchange].lagResolutionMs)),
  };
}
