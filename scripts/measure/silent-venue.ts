import { parseConfig } from "../../src/config.ts";
import type { Gap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { nextRuleState, type RuleState } from "../../src/signals/rule-state.ts";
import { judgeSpike, spikeSettings } from "../../src/signals/spike-rule.ts";
import { windowBySide } from "../../src/windows/assemble-window.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { QUARTER_HOUR_MS, QUARTER_HOURS_PER_DAY, type QuarterHour } from "../../src/windows/quarter-hour.ts";
import type { WindowBySide } from "../../src/windows/symbol-window.ts";
import { venueWeights } from "../../src/windows/venue-weights.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { STANDARD_WINDOWS, windowRanges } from "../../src/windows/window.ts";
import { BTC_MODEL, type SimulatedVenue } from "../market-simulation/market-model.ts";
import { createRandom } from "../simulator/random.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const RISES = 20;
/** USD of one side in a usual quarter-hour, and the deviation of its logarithm. */
const USUAL = { usd: 300_000, deviation: 0.5 };
/** Events of a venue and side in a window: none of them is most of its USD. */
const EVENTS = 50;
const HISTORY_QUARTER_HOURS = 7 * QUARTER_HOURS_PER_DAY;

/** The venues of the simulated market by their share of the USD, the smallest first. */
const VENUES = BTC_MODEL.venues.toSorted((a, b) => a.share - b.share);
const NAMES = VENUES.map(({ exchange }) => exchange);
export const SMALLEST_VENUE = venueAt(0);
export const LARGEST_VENUE = venueAt(-1);

export interface SilentVenue {
  readonly rises: number;
  /** Those that the spike rule counts as rises. */
  readonly counted: number;
  /** The types of the events that were published around ten minutes of silence, in order. */
  readonly events: readonly string[];
}

/** Rises to three times the usual while one of the market's four venues sends nothing, by the spike rule's own code. */
export function measureSilentVenue(seed: number, { exchange }: SimulatedVenue): SilentVenue {
  const random = createRandom(seed, "silent venue");
  const usual = () => USUAL.usd * Math.exp(USUAL.deviation * random.normal());
  const history = Array.from({ length: HISTORY_QUARTER_HOURS }, (_, index): QuarterHour => {
    const start = START - (HISTORY_QUARTER_HOURS - index) * QUARTER_HOUR_MS;
    return { start, long: usual(), short: usual(), uptime: 1 };
  });
  const settings = spikeSettings(parseConfig({}));
  const silent = silence(exchange, START - DAY_MS, null);
  const rises = Array.from({ length: RISES }, () => {
    // Of a size that ranks above the 90th percentile and mostly below the 99th: as a rise it counts by its change alone.
    const growth = 3 + random.uniform();
    const window = windowAt(START + QUARTER_HOUR_MS, history, [silent], growth);
    return judgeSpike(window, settings, null).numbers.total.by.includes("change");
  });
  return { rises: RISES, counted: rises.filter(Boolean).length, events: eventsAround(exchange, history) };
}

/** Minute by minute over three hours, of which the venue is silent for ten minutes. */
function eventsAround(exchange: ExchangeName, history: readonly QuarterHour[]): readonly string[] {
  const from = START + HOUR_MS;
  const gaps = [silence(exchange, from, from + 10 * MINUTE_MS)];
  let state: RuleState | null = null;
  const types: string[] = [];
  for (let minute = START; minute < START + 3 * HOUR_MS; minute += MINUTE_MS) {
    const next = nextRuleState(state, windowAt(minute, history, gaps, 1).comparison, NAMES, minute);
    state = next.state;
    if (next.event !== null) types.push(next.event.type);
  }
  return types;
}

/** The window of a minute, in which each side has so many times the USD of the one before. */
function windowAt(time: number, history: readonly QuarterHour[], gaps: readonly Gap[], growth: number): WindowBySide {
  const [window] = STANDARD_WINDOWS;
  if (window === undefined) throw new RangeError("there is no standard window");
  const covered = windowRanges(window.lengthMs, time);
  const isSilent = (name: ExchangeName) => gaps.some((gap) => gap.exchange === name && gap.to_time === null);
  const totals = (times: number) => VENUES.filter(({ exchange }) => !isSilent(exchange)).flatMap((venue) => totalsOf(venue, times));
  const usd = new Map(VENUES.map(({ exchange, share }) => [exchange, share]));
  return windowBySide({
    symbol: BTC_MODEL.symbol,
    window,
    time,
    covered,
    totals: { current: totals(growth), previous: totals(1) },
    gaps,
    weights: venueWeights(NAMES, usd, history.length),
    quarterHours: history,
  });
}

function totalsOf({ exchange, share }: SimulatedVenue, times: number): readonly VenueSideTotals[] {
  const usd = USUAL.usd * share * times;
  return POSITION_SIDES.map((position_side) => ({
    exchange,
    position_side,
    events: EVENTS,
    events_without_usd: 0,
    events_without_notional_mark: 0,
    usd,
    notional_mark_usd: usd,
    quantity: usd / BTC_MODEL.startPrice,
    max_usd: usd / EVENTS,
  }));
}

function silence(exchange: ExchangeName, from: number, to: number | null): Gap {
  return { exchange, from_time: from, to_time: to, reason: "silent" };
}

function venueAt(index: number): SimulatedVenue {
  const venue = VENUES.at(index);
  if (venue === undefined) throw new RangeError("the simulated market has no venue");
  return venue;
}
