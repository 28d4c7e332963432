import { POSITION_SIDES } from "../liquidation-fields.ts";
import type { Gap } from "../gap.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { MINUTE_MS, SECOND_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { calibrated } from "./calibration.ts";
import { ESTIMATE_METHODS, GAP_WORDS, type Estimate, type VenueSideEstimate, withheld } from "./estimate.ts";
import { type EstimatesBySymbol, sumBySide } from "./estimate-block.ts";
import { type EstimateFit, OTHER_SYMBOLS, type VenueFit, staleReason } from "./fit.ts";
import { modelContract } from "./labelled-minutes.ts";
import { sideMinutes } from "./side-minutes.ts";
import { type ContractTape, type VenueTape, completeSeconds } from "./tape.ts";
import type { ShownThrottle, SizedEvent } from "./throttle.ts";
import { scaleOf } from "./venue-scale.ts";

/** Events are needed this long before and after the minutes that are estimated, ms: most of what the memories hold. */
export const CONTEXT_MS = 3 * MINUTE_MS;

/** Estimates of a minute, by base asset, of all venues that reported something in it. */
export interface MinuteEstimates {
  readonly time: number;
  readonly estimates: EstimatesBySymbol;
}

type Part = VenueSideEstimate & { readonly minute: number; readonly symbol: string };

/**
 * The estimates of the minutes of a range.
 * @param tapes the events of the range and of `CONTEXT_MS` around it
 * @param fits by base asset, with that of the others under ""
 * @param gaps of the complete venues: what follows from their rate is withheld in them
 */
export function estimateMinutes(
  tapes: readonly VenueTape[],
  fits: ReadonlyMap<string, EstimateFit>,
  range: TimeRange,
  gaps: readonly Gap[] = [],
): readonly MinuteEstimates[] {
  const completeOf = new Map<string, CompleteVenues>();
  const venuesOf = (names: readonly ExchangeName[]): CompleteVenues => {
    const key = names.join(" ");
    const held = completeOf.get(key) ?? {
      seconds: completeSeconds(tapes.filter(({ exchange }) => names.includes(exchange))),
      gaps: gaps.filter(({ exchange }) => names.includes(exchange)),
    };
    completeOf.set(key, held);
    return held;
  };
  const parts = tapes.flatMap((tape) =>
    tape.contracts.flatMap((contract) => {
      const fit = fits.get(contract.symbol) ?? fits.get(OTHER_SYMBOLS) ?? null;
      return contractParts(tape, contract, fit, range, venuesOf(fit?.venues[tape.exchange]?.rho_exchanges ?? []));
    }),
  );
  return [...Map.groupBy(parts, ({ minute }) => minute)]
    .map(([time, own]) => ({ time, estimates: bySymbol(own) }))
    .toSorted((a, b) => a.time - b.time);
}

function bySymbol(parts: readonly Part[]): EstimatesBySymbol {
  return new Map([...Map.groupBy(parts, ({ symbol }) => symbol)].map(([symbol, own]) => [symbol, sumBySide(own)]));
}

/** The complete venues whose rate another one follows. */
interface CompleteVenues {
  readonly seconds: ReadonlyMap<string, readonly number[]>;
  readonly gaps: readonly Gap[];
}

interface Reported {
  readonly reported_usd: number;
  readonly reported_events: number;
}

function contractParts(
  { exchange, throttle }: VenueTape,
  { symbol, contract, events }: ContractTape,
  fit: EstimateFit | null,
  range: TimeRange,
  complete: CompleteVenues,
): readonly Part[] {
  if (throttle === "silent") return [];
  const reported = reportedMinutes(events, range);
  const each = (estimate: (one: Reported, minute: number, side: PositionSide) => Estimate | null): readonly Part[] =>
    [...reported].flatMap(([minute, sides]) =>
      POSITION_SIDES.flatMap((side): readonly Part[] => {
        const one = estimate(sides[side], minute, side);
        const isNothing = one === null || (one.reported_events === 0 && one.estimated_events === 0);
        return isNothing ? [] : [{ minute, symbol, exchange, position_side: side, ...one }];
      }),
    );
  if (throttle === "complete") return each((one) => asReported(one, ESTIMATE_METHODS.complete, null));
  if (throttle === "unstated") {
    const reason = `${exchange} does not state what share it publishes: it counts with what it reported`;
    return each((one) => asReported(one, ESTIMATE_METHODS.reported_only, reason));
  }
  const method = METHODS[throttle];
  const venue = fit?.venues[exchange];
  const throttleFit = fit?.throttles[throttle];
  // Where both sides share a throttle, one that reported nothing may have been hidden by the other.
  const isSilent = (one: Reported): boolean => one.reported_events === 0 && throttle === "largest_by_side";
  const withheldFor = (reason: string) => each((one) => (isSilent(one) ? null : withheld(one, method, reason)));
  const stale = fit === null ? null : staleReason(fit, range.start);
  if (stale !== null) return withheldFor(stale);
  if (venue === undefined || throttleFit === undefined || venue.scale === null || venue.status === "withheld") {
    const reason = venue?.reason ?? fit?.reason ?? (fit === null ? "the model has not been fitted yet" : `the fit has no ${exchange}`);
    return withheldFor(reason);
  }
  const { status, reason } = venue satisfies VenueFit;
  const modelled = modelContract(events, {
    throttle,
    model: throttleFit,
    scale: scaleOf(venue.scale, contract),
    rho: venue.rho,
    complete: complete.seconds.get(symbol) ?? [],
  });
  const surplus = surplusMinutes(events, throttle);
  const hidden = new Map(sideMinutes(modelled).map((one) => [`${one.minute * SECOND_MS} ${one.side}`, one]));
  return each((one, minute, side) => {
    if (surplus.has(minute)) return isSilent(one) ? null : withheld(one, method, `${exchange} ${SURPLUS}`);
    const gap = complete.gaps.find(({ from_time, to_time }) => from_time < minute + MINUTE_MS && (to_time ?? Infinity) > minute);
    if (gap !== undefined)
      return isSilent(one) ? null : withheld(one, method, `${gap.exchange}, whose rate ${exchange} follows, ${GAP_WORDS}`);
    const entry = hidden.get(`${minute} ${side}`);
    if (entry === undefined) return null;
    const more = calibrated({ ...entry, shown_usd: 0, shown_events: 0 }, throttleFit.calibration);
    return {
      ...one,
      estimated_usd: one.reported_usd + more.estimated_usd,
      low_usd: one.reported_usd + more.low_usd,
      high_usd: one.reported_usd + more.high_usd,
      estimated_events: one.reported_events + more.estimated_events,
      method,
      status,
      reason,
    };
  });
}

const METHODS: Readonly<Record<ShownThrottle, string>> = {
  largest: ESTIMATE_METHODS.largest_per_second,
  largest_by_side: ESTIMATE_METHODS.largest_per_side_second,
  one: ESTIMATE_METHODS.one_per_second,
};

function asReported(reported: Reported, method: string, reason: string | null): Estimate {
  const { reported_usd: usd, reported_events: count } = reported;
  return {
    ...reported,
    estimated_usd: usd,
    low_usd: usd,
    high_usd: usd,
    estimated_events: count,
    method,
    status: reason === null ? "validated" : "experimental",
    reason,
  };
}

/** What a contract reported in each minute of the range that has an event. */
function reportedMinutes(events: readonly SizedEvent[], { start, end }: TimeRange): ReadonlyMap<number, Record<PositionSide, Reported>> {
  const minutes = new Map<number, Record<PositionSide, Reported>>();
  for (const { time, side, usd } of events) {
    if (time < start || time >= end) continue;
    const minute = floorTo(time, MINUTE_MS);
    const held = minutes.get(minute) ?? { long: NOTHING, short: NOTHING };
    held[side] = { reported_usd: held[side].reported_usd + usd, reported_events: held[side].reported_events + 1 };
    minutes.set(minute, held);
  }
  return minutes;
}

const NOTHING: Reported = { reported_usd: 0, reported_events: 0 };

/** One more than a throttle allows may be an error of a clock. */
const MAX_SURPLUS = 2;
const SURPLUS = "published several liquidations in seconds that may have one: its throttle is not the documented one";

/** Minutes with more events in one second than the throttle shows. */
function surplusMinutes(events: readonly SizedEvent[], throttle: ShownThrottle): ReadonlySet<number> {
  const seconds = new Set<string>();
  const counts = new Map<number, number>();
  for (const { time, side } of events) {
    const key = `${floorTo(time, SECOND_MS)}${throttle === "largest_by_side" ? side : ""}`;
    const minute = floorTo(time, MINUTE_MS);
    if (seconds.has(key)) counts.set(minute, (counts.get(minute) ?? 0) + 1);
    seconds.add(key);
  }
  return new Set([...counts].flatMap(([minute, count]) => (count > MAX_SURPLUS ? [minute] : [])));
}
