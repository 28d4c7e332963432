import type { PositionSide } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { LabelledMinute, TrueMinute } from "./calibration.ts";
import { hiddenByRate } from "./hidden-by-rate.ts";
import { type HiddenModel, hiddenBehind } from "./hidden.ts";
import { type HiddenSeconds, type SideMinute, sideMinutes } from "./side-minutes.ts";
import type { SignaturePart } from "./signature.ts";
import type { ContractTape } from "./tape.ts";
import { type ShownThrottle, type SizedEvent, shownSeconds } from "./throttle.ts";

/** What a contract's shown seconds hide: by their sizes, or by the rate of the complete venues. */
export interface HiddenOptions {
  readonly throttle: ShownThrottle;
  readonly model: HiddenModel;
  /** Median of the contract's isolated sizes, USD: sizes of the model are in units of it. */
  readonly scale: number;
  /** For `one`: the venue's rate for each of the complete venues', and their seconds in the contract's base asset. */
  readonly rho: number | null;
  readonly complete: readonly number[];
}

export type ModelledPart = HiddenSeconds & SignaturePart;

/** The seconds that a contract shows, with what is hidden behind them. */
export function modelContract(events: readonly SizedEvent[], options: HiddenOptions): readonly ModelledPart[] {
  const { throttle, model, scale, rho, complete } = options;
  return shownSeconds(events, throttle).map((shown) => {
    if (throttle === "one")
      return { shown, hidden: { ...hiddenByRate(shown, complete, { sizes: model.sizes, rho: rho ?? 0, scale }), rank: NONE, rate: NONE } };
    return { shown, hidden: hiddenBehind(shown, model, scale) };
  });
}

const NONE = new Float64Array();

/** The minutes of a complete contract as the throttle would show them, with the truth. */
export function labelledMinutes({ events }: Pick<ContractTape, "events">, parts: readonly ModelledPart[]): readonly LabelledMinute[] {
  const truths = new Map<number, Record<PositionSide, TrueMinute>>();
  for (const { time, side, usd } of events) {
    const minute = (Math.floor(time / MINUTE_MS) * MINUTE_MS) / 1_000;
    const truth = truths.get(minute) ?? { long: NOTHING, short: NOTHING };
    truth[side] = { usd: truth[side].usd + usd, events: truth[side].events + 1 };
    truths.set(minute, truth);
  }
  return sideMinutes(parts).map((shown: SideMinute) => ({ shown, truth: truths.get(shown.minute)?.[shown.side] ?? NOTHING }));
}

const NOTHING: TrueMinute = { usd: 0, events: 0 };
