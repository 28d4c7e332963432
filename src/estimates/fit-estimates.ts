import { DAY_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { type EstimateFit, FIT_VERSION, OTHER_SYMBOLS, type ThrottleFit, type VenueFit, emptyFit } from "./fit.ts";
import { fitThrottle, rhoOf } from "./fit-throttle.ts";
import { coveredDays } from "./covered-days.ts";
import { modelContract } from "./labelled-minutes.ts";
import { signatureOf, signatureProblem } from "./signature.ts";
import { type ContractTape, type VenueTape, eventCount } from "./tape.ts";
import { type ShownThrottle, shownSeconds } from "./throttle.ts";
import { scaleOf, venueScale } from "./venue-scale.ts";

/** Days of complete venues that a fit takes: fewer do not show how venues differ from one week to the next. */
export const FIT_DAYS = 14;

/** Liquidations of a complete venue without which nothing can be fitted on it. */
const MIN_EVENTS = 500;
/** Liquidations of the two largest complete venues in a base asset that has a fit of its own. */
const MIN_OWN_EVENTS = [5_000, 2_000] as const;
/** Base assets with a fit of their own. */
const MAX_OWN_FITS = 20;

/** Fits the base assets with enough liquidations one by one, and the others together. */
export function fitEstimates(tapes: readonly VenueTape[], range: TimeRange, days: number): readonly EstimateFit[] {
  if (days < FIT_DAYS) return [emptyFit(OTHER_SYMBOLS, range, days, tooFewDays(days))];
  const own = ownSymbols(tapes);
  const isOwn = new Set(own);
  const part = (isWanted: (symbol: string) => boolean): readonly VenueTape[] =>
    tapes.map((tape) => ({ ...tape, contracts: tape.contracts.filter(({ symbol }) => isWanted(symbol)) }));
  return [
    ...own.map((symbol) =>
      fitSymbol(
        symbol,
        part((one) => one === symbol),
        range,
        days,
      ),
    ),
    fitSymbol(
      OTHER_SYMBOLS,
      part((one) => !isOwn.has(one)),
      range,
      days,
    ),
  ];
}

/** Why so few days are not fitted. */
export function tooFewDays(days: number): string {
  return `${days} ${days === 1 ? "day" : "days"} of data; ${FIT_DAYS} are needed`;
}

function ownSymbols(tapes: readonly VenueTape[]): readonly string[] {
  const counts = new Map<string, number[]>();
  for (const { throttle, contracts } of tapes) {
    if (throttle !== "complete") continue;
    for (const [symbol, own] of Map.groupBy(contracts, (contract) => contract.symbol)) {
      counts.set(symbol, [...(counts.get(symbol) ?? []), own.reduce((sum, { events }) => sum + events.length, 0)]);
    }
  }
  return [...counts]
    .map(([symbol, venues]) => ({ symbol, venues: venues.toSorted((a, b) => b - a) }))
    .filter(({ venues }) => MIN_OWN_EVENTS.every((least, index) => (venues[index] ?? 0) >= least))
    .toSorted((a, b) => (b.venues[0] ?? 0) - (a.venues[0] ?? 0))
    .slice(0, MAX_OWN_FITS)
    .map(({ symbol }) => symbol);
}

/** What a complete venue needs. */
export const FITTED_ON = `${MIN_EVENTS} liquidations, and some on each of ${FIT_DAYS} days with at least half of it connected`;

/** The complete venues that can be fitted or tested on, the one with the most liquidations first. */
export function completeVenues(tapes: readonly VenueTape[], range: TimeRange): readonly VenueTape[] {
  return tapes
    .filter(({ throttle }) => throttle === "complete")
    .map((tape) => ({ tape, events: eventCount(tape) }))
    .filter(({ tape, events }) => events >= MIN_EVENTS && coveredDays(tape, range) >= FIT_DAYS)
    .toSorted((a, b) => b.events - a.events)
    .map(({ tape }) => tape);
}

/** Fits the base assets of these tapes together. */
export function fitSymbol(symbol: string, tapes: readonly VenueTape[], range: TimeRange, days: number): EstimateFit {
  const complete = completeVenues(tapes, range);
  const [first, second = null] = complete;
  if (first === undefined) return emptyFit(symbol, range, days, `no complete venue has ${FITTED_ON}`);
  const throttles: Partial<Record<ShownThrottle, ThrottleFit>> = {};
  const problems: Partial<Record<ShownThrottle, string>> = {};
  const venues: Partial<Record<VenueTape["exchange"], VenueFit>> = {};
  for (const tape of tapes) {
    const { throttle } = tape;
    if (throttle !== "largest" && throttle !== "largest_by_side" && throttle !== "one") continue;
    if (throttles[throttle] === undefined && problems[throttle] === undefined) {
      const fit = fitThrottle(throttle, first, second);
      if ("problem" in fit) problems[throttle] = fit.problem;
      else throttles[throttle] = fit;
    }
    venues[tape.exchange] = fitVenue(tape, throttle, throttles[throttle] ?? problems[throttle] ?? "", complete, range);
  }
  return {
    version: FIT_VERSION,
    symbol,
    range,
    days,
    fit_exchange: first.exchange,
    test_exchange: second?.exchange ?? null,
    throttles,
    venues,
    reason: null,
  };
}

const SAMPLED = "the venue does not document its sample; it is taken to be at most one liquidation a second";

/** Whether a throttled venue behaves as the fit supposes, over all its days and over the last one, on which a change shows first. */
export function fitVenue(
  tape: VenueTape,
  throttle: ShownThrottle,
  fit: ThrottleFit | string,
  complete: readonly VenueTape[],
  { end }: TimeRange,
): VenueFit {
  const scale = venueScale(tape.contracts, throttle);
  const unfitted = { throttle, scale, rho: null, rho_exchanges: [], signature: null, status: "withheld" } as const;
  if (typeof fit === "string") return { ...unfitted, reason: fit };
  if (scale === null) return { ...unfitted, reason: `${tape.exchange} has no single liquidations to measure its sizes on` };
  const rho = rhoOf(tape, throttle, complete);
  if (throttle === "one" && rho === null)
    return { ...unfitted, reason: `${tape.exchange} has no rate to compare with that of complete venues` };
  const signature = signatureOf(partsOf(tape.contracts));
  const rho_exchanges = throttle === "one" ? complete.map(({ exchange }) => exchange) : [];
  const measured = { throttle, scale, rho, rho_exchanges, signature };
  const lastDay = tape.contracts.map((one) => ({ ...one, events: one.events.filter(({ time }) => time >= end - DAY_MS) }));
  const problem = signatureProblem(signature, fit.signature) ?? signatureProblem(signatureOf(partsOf(lastDay)), fit.signature);
  if (problem !== null) return { ...measured, status: "withheld", reason: `${tape.exchange}: ${problem}` };
  if (fit.status === "withheld") return { ...measured, status: "withheld", reason: fit.reason };
  if (throttle === "one") return { ...measured, status: "experimental", reason: `${tape.exchange}: ${SAMPLED}` };
  if (signature.rank === null) {
    const reason = `${tape.exchange} has too few busy seconds to tell whether its sizes fit the model`;
    return { ...measured, status: "experimental", reason };
  }
  return { ...measured, status: fit.status, reason: fit.reason };

  function partsOf(contracts: readonly ContractTape[]) {
    // By the rate alone nothing but the seconds is compared.
    if (throttle === "one")
      return contracts.flatMap(({ events }) => shownSeconds(events, throttle).map((shown) => ({ shown, hidden: null })));
    return contracts.flatMap(({ contract, events }) =>
      modelContract(events, {
        throttle,
        model: fit as ThrottleFit,
        scale: scale === null ? 1 : scaleOf(scale, contract),
        rho,
        complete: [],
      }),
    );
  }
}
