import { ruleVerdict } from "../../src/signals/rule-model.ts";
import { type SignalInput, dominantSide } from "../../src/signals/signal-input.ts";
import type { SpikeWatch } from "../../src/signals/spike-watch.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { BTC_MODEL, type MarketModel } from "../market-simulation/market-model.ts";
import { simulateMarket, type SimulatedMarket } from "../market-simulation/simulate-market.ts";
import { replayMarket } from "./replay-market.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");

/**
 * Flushes of about 150 bps that turn: three fifths come back, half of that within 7 minutes. They are four a day, because the
 * spike rule ranks a flush among the windows of its hour.
 */
export const TURNING: MarketModel = {
  ...BTC_MODEL,
  activity: { ...BTC_MODEL.activity, deviation: 0.2 },
  flushesPerDay: 4,
  flushMove: { sigmas: 22, spread: 2 },
  aftermath: { share: 0.6, timeS: 600 },
};

/** Every rise is judged, every minute: what the rules would say if they were always asked. */
export const EVERY_RISE = { LIQUIDATION_SPIKE_PERCENTILE: "0", LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: "0" };

/** The inputs that the spike rule makes of a simulated market, in order. */
export async function marketInputs(
  market: SimulatedMarket,
  judged: TimeRange,
  variables: Readonly<Record<string, string>> = {},
  watch?: SpikeWatch,
): Promise<readonly SignalInput[]> {
  const inputs: SignalInput[] = [];
  await replayMarket(
    market,
    judged,
    (input) => {
      inputs.push(input);
      return null;
    },
    variables,
    watch,
  );
  return inputs;
}

/** Whether the rules fade the forced flow of an input. */
function isFade(input: SignalInput): boolean {
  return ruleVerdict(input).verdict.action === (dominantSide(input)?.side === "long" ? "BUY" : "SELL");
}

export interface TurnMeasure {
  /** Flushes of 100 to 200 bps that turned. */
  readonly turned: number;
  /** Those that the rules fade within 15 minutes of their start. */
  readonly faded: number;
  /** Those that they fade where the decisions on turns are left out. */
  readonly fadedWithoutTurns: number;
}

/** @param variables settings of the spike rule, those of a new Worker by default */
export async function measureTurns(seed: number, days = 8, variables: Readonly<Record<string, string>> = {}): Promise<TurnMeasure> {
  const market = simulateMarket({ seed, days, effect: "reversal", model: TURNING, startTime: START });
  const judged = { start: START + DAY_MS / 4, end: market.endTime };
  const inputs = await marketInputs(market, judged, variables);
  const fades = inputs.filter(isFade);
  const flushes = market.planted.filter(
    ({ startTime, move }) => startTime > judged.start && startTime + 15 * MINUTE_MS < judged.end && move > 0.01 && move < 0.02,
  );
  const fadedBy = (decisions: readonly SignalInput[]) =>
    flushes.filter(({ startTime, side }) =>
      decisions.some(
        (input) => input.minute > startTime && input.minute <= startTime + 15 * MINUTE_MS && dominantSide(input)?.side === side,
      ),
    ).length;
  const withoutTurns = fades.filter(({ trigger }) => trigger.kind !== "turn");
  return { turned: flushes.length, faded: fadedBy(fades), fadedWithoutTurns: fadedBy(withoutTurns) };
}

export interface FalseFades {
  readonly decisions: number;
  readonly fades: number;
}

/** The decisions on a market without flushes with the default settings, turns included, and those that fade. */
export async function measureFalseFades(seed: number, days = 8): Promise<FalseFades> {
  const market = simulateMarket({ seed, days, effect: "none", model: BTC_MODEL, startTime: START });
  const inputs = await marketInputs(market, { start: START + DAY_MS, end: market.endTime });
  return { decisions: inputs.length, fades: inputs.filter(isFade).length };
}
