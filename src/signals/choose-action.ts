import type { PriceForecast } from "./price-forecast.ts";
import type { SignalInput } from "./signal-input.ts";
import type { Action } from "./verdict.ts";

/** An action and what it is expected to earn. */
export interface ChosenAction {
  readonly action: Action;
  /** Expected return after cost of the better of BUY and SELL, bps; null where no volatility is known. */
  readonly expected_net_bps: number | null;
}

/**
 * The action that a forecast supports: the one of BUY and SELL with the higher expected return after cost, or NOTHING where
 * neither is above zero.
 *
 * With c the cost and b the mean excess of a move beyond it, a price that rises by more than c earns a buyer b on average,
 * one that falls by more than c loses him b + 2c, and any other loses him about c. That makes
 *
 *     p_up · b − p_down · (b + 2c) − (1 − p_up − p_down) · c  =  (p_up − p_down) · (b + c) − c
 *
 * for BUY, and the same with p_up and p_down exchanged for SELL. The excess of a Laplace distribution with the standard
 * deviation σ is σ/√2, however high the cost: its tails are closer to those of returns over an hour than normal ones
 * (Kotz, Kozubowski and Podgórski 2001, The Laplace Distribution and Generalizations). σ is `sigma_1h_bps` of the input.
 */
export function chooseAction(
  { p_up: up, p_down: down }: Pick<PriceForecast, "p_up" | "p_down">,
  { sigma_1h_bps: sigma, cost_bps: cost }: Pick<SignalInput, "sigma_1h_bps" | "cost_bps">,
): ChosenAction {
  if (sigma === null) return { action: "NOTHING", expected_net_bps: null };
  const expected = Math.abs(up - down) * (sigma / Math.SQRT2 + cost) - cost;
  return { action: expected <= 0 ? "NOTHING" : up > down ? "BUY" : "SELL", expected_net_bps: expected };
}
