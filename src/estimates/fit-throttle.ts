import { DAY_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { type LabelledMinute, calibrate } from "./calibration.ts";
import { evaluate, verdictOf } from "./evaluation.ts";
import type { ThrottleFit } from "./fit.ts";
import { coveredMinute } from "./gap-minutes.ts";
import { rateShare } from "./hidden-by-rate.ts";
import { type HiddenModel, hiddenBehind } from "./hidden.ts";
import { type ModelledPart, labelledMinutes, modelContract } from "./labelled-minutes.ts";
import { signatureOf } from "./signature.ts";
import { sizeDistribution } from "./size-distribution.ts";
import { type ContractTape, type VenueTape, completeSeconds } from "./tape.ts";
import { type ShownThrottle, shownSeconds } from "./throttle.ts";
import { type VenueScale, scaleOf, venueScale } from "./venue-scale.ts";

/** How clustered the number of a second may be: strongly, somewhat, not at all. */
const POISSON = 1e6;
const SHAPES = [1, 3, POISSON] as const;

/** A sentence on why a throttle could not be fitted. */
export interface Unfitted {
  readonly problem: string;
}

/**
 * Fits what a throttle hides on one complete venue, and tests it on another. The sizes are those of its even days, the calibration
 * that of its odd days (split conformal), throttled in software. With `one`, whose rate comes from another complete venue, the
 * second venue gives sizes and calibration, and the test has their parts exchanged.
 */
export function fitThrottle(throttle: ShownThrottle, first: VenueTape, second: VenueTape | null): ThrottleFit | Unfitted {
  if (throttle === "one") return fitByRate(first, second);
  const scale = venueScale(first.contracts, throttle);
  if (scale === null) return { problem: `${first.exchange} has no single liquidations to measure sizes on` };
  const sizes = sizesOf(first, scale);
  const odd = first.contracts.map((contract) => ({ ...contract, events: contract.events.filter((event) => !isOfEvenDay(event)) }));
  const even = first.contracts.map((contract) => ({ ...contract, events: contract.events.filter(isOfEvenDay) }));
  const model = bestModel(sizes, even, scale, throttle);
  const modelled = modelVenue({ ...first, contracts: odd }, throttle, model, scale, null);
  const calibration = calibrate(coveredMinutes(modelled, first.gaps));
  if (calibration === null) return { problem: `${first.exchange} has too few minutes with liquidations` };
  const fit = { ...model, calibration, signature: signatureOf(modelled.flatMap(({ parts }) => parts)) };
  if (second === null) return { ...fit, evaluation: null, status: "experimental", reason: untested(first) };
  return { ...fit, ...testOn(second, throttle, fit, first) };
}

/** In units of the median of isolated ones, of even days. */
function sizesOf({ contracts }: VenueTape, scale: VenueScale): HiddenModel["sizes"] {
  return sizeDistribution(
    contracts.flatMap(({ contract, events }) => events.filter(isOfEvenDay).map(({ usd }) => usd / scaleOf(scale, contract))),
  );
}

function fitByRate(first: VenueTape, second: VenueTape | null): ThrottleFit | Unfitted {
  const throttle = "one";
  const scale = second === null ? null : venueScale(second.contracts, throttle);
  if (second === null || scale === null) return { problem: "a second complete venue is needed, to learn its rate from the first one's" };
  const model: HiddenModel = { sizes: sizesOf(second, scale), shape: POISSON };
  const odd = second.contracts.map((contract) => ({ ...contract, events: contract.events.filter((event) => !isOfEvenDay(event)) }));
  const ofOdd = { ...second, contracts: odd };
  const modelled = modelVenue(ofOdd, throttle, model, scale, first, rhoOf(second, throttle, [first]));
  const calibration = calibrate(coveredMinutes(modelled, [...(first.gaps ?? []), ...(second.gaps ?? [])]));
  if (calibration === null) return { problem: `${second.exchange} has too few minutes with liquidations` };
  const fit = { ...model, calibration, signature: signatureOf(modelled.flatMap(({ parts }) => parts)) };
  return { ...fit, ...testOn(first, throttle, fit, second) };
}

function untested(first: VenueTape): string {
  return `there is no second complete venue to test what was fitted on ${first.exchange}`;
}

function testOn(
  tested: VenueTape,
  throttle: ShownThrottle,
  fit: HiddenModel & Pick<ThrottleFit, "calibration">,
  fitted: VenueTape,
): Pick<ThrottleFit, "evaluation" | "status" | "reason"> {
  const scale = venueScale(tested.contracts, throttle);
  if (scale === null) return { evaluation: null, status: "experimental", reason: untested(fitted) };
  const modelled = modelVenue(tested, throttle, fit, scale, fitted);
  const evaluation = evaluate(
    coveredMinutes(modelled, [...(tested.gaps ?? []), ...(throttle === "one" ? (fitted.gaps ?? []) : [])]),
    fit.calibration,
  );
  return { evaluation, ...verdictOf(evaluation, `fitted on ${fitted.exchange}, tested on ${tested.exchange}`) };
}

/** The minutes of each contract in which the venues concerned were connected. */
function coveredMinutes(modelled: readonly ModelledContract[], gaps: readonly TimeRange[] = []): readonly (readonly LabelledMinute[])[] {
  const isCovered = coveredMinute(gaps);
  return modelled.map(({ contract, parts }) => labelledMinutes(contract, parts).filter(({ shown }) => isCovered(shown.minute)));
}

function isOfEvenDay({ time }: { readonly time: number }): boolean {
  return Math.floor(time / DAY_MS) % 2 === 0;
}

function bestModel(
  sizes: HiddenModel["sizes"],
  contracts: readonly ContractTape[],
  scale: VenueScale,
  throttle: ShownThrottle,
): HiddenModel {
  const models = SHAPES.map((shape) => {
    const model: HiddenModel = { sizes, shape };
    const shown = contracts.flatMap(({ contract, events }) => shownSeconds(events, throttle).map((one) => ({ contract, one })));
    const likelihood = shown.reduce((sum, { contract, one }) => sum + hiddenBehind(one, model, scaleOf(scale, contract)).logLikelihood, 0);
    return { model, likelihood };
  });
  return models.reduce((best, one) => (one.likelihood > best.likelihood ? one : best)).model;
}

export interface ModelledContract {
  readonly contract: ContractTape;
  readonly parts: readonly ModelledPart[];
}

/** A venue's contracts under the model; `others` is the complete venue whose rate `one` follows. */
export function modelVenue(
  tape: Pick<VenueTape, "contracts" | "gaps">,
  throttle: ShownThrottle,
  model: HiddenModel,
  scale: VenueScale,
  others: VenueTape | null,
  rho = others === null ? null : rhoOf(tape, throttle, [others]),
): readonly ModelledContract[] {
  const complete = throttle === "one" && others !== null ? completeSeconds([others]) : new Map<string, readonly number[]>();
  return tape.contracts.map((contract) => ({
    contract,
    parts: modelContract(contract.events, {
      throttle,
      model,
      scale: scaleOf(scale, contract.contract),
      rho,
      complete: complete.get(contract.symbol) ?? [],
    }),
  }));
}

/** ρ of a venue over all its contracts, from the minutes in which it and the complete venues were connected. */
export function rhoOf(
  { contracts, gaps: own = [] }: Pick<VenueTape, "contracts" | "gaps">,
  throttle: ShownThrottle,
  others: readonly VenueTape[],
): number | null {
  if (throttle !== "one") return null;
  const complete = completeSeconds(others);
  const isCovered = coveredMinute([...own, ...others.flatMap((other) => other.gaps ?? [])]);
  return rateShare(
    contracts.flatMap(({ symbol, events }) =>
      shownSeconds(events, throttle).map(({ seconds }) => ({
        seconds: seconds.filter(isCovered),
        complete: (complete.get(symbol) ?? []).filter(isCovered),
      })),
    ),
  );
}
