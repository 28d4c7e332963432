import { describe, expect, test } from "vitest";
import { chooseAction } from "../../../src/signals/choose-action.ts";
import { modelVerdict } from "../../../src/signals/decision-parts.ts";
import { meanForecast } from "../../../src/signals/price-forecast.ts";
import { sampleInput } from "./sample-input.ts";

const MARKET = { sigma_1h_bps: 60 * Math.SQRT2, cost_bps: 10 };

describe("the action of a forecast", () => {
  test("is the direction with the higher expected return after cost", () => {
    // An excess of 60 bps: (0.5 − 0.2) · 70 − 10.
    expect(chooseAction({ p_up: 0.5, p_down: 0.2 }, MARKET)).toEqual({ action: "BUY", expected_net_bps: expect.closeTo(11, 9) });
    expect(chooseAction({ p_up: 0.2, p_down: 0.5 }, MARKET)).toEqual({ action: "SELL", expected_net_bps: expect.closeTo(11, 9) });
  });

  test("is NOTHING where neither earns its cost", () => {
    expect(chooseAction({ p_up: 0.4, p_down: 0.3 }, MARKET)).toEqual({ action: "NOTHING", expected_net_bps: expect.closeTo(-3, 9) });
    expect(chooseAction({ p_up: 0.4, p_down: 0.4 }, MARKET)).toEqual({ action: "NOTHING", expected_net_bps: -10 });
    // A market that does not move pays for no trade, whatever is said of its direction.
    expect(chooseAction({ p_up: 0.9, p_down: 0.05 }, { sigma_1h_bps: 0, cost_bps: 10 }).action).toBe("NOTHING");
  });

  test("is unknown where the volatility is: NOTHING, with the reason", () => {
    expect(chooseAction({ p_up: 0.9, p_down: 0.05 }, { sigma_1h_bps: null, cost_bps: 10 })).toEqual({
      action: "NOTHING",
      expected_net_bps: null,
    });
    const forecast = meanForecast([{ p_up: 0.9, p_down: 0.05, reason: "Up.", invalidation: null }]);
    const { verdict, fields } = modelVerdict({ samples_asked: 1, samples_used: 1, forecast, code: null }, sampleInput({}));
    expect(verdict).toMatchObject({ action: "NOTHING", confidence: 0, reason_code: "no_volatility" });
    expect(fields).toMatchObject({ p_up: 0.9, p_down: 0.05, expected_net_bps: null });
  });

  test("earns on Laplace returns what is expected of it", () => {
    const [b, cost] = [60, 10];
    // Quantiles of a Laplace distribution around 15 bps, in equal steps.
    const returns = Array.from({ length: 200_000 }, (_, n) => (n + 0.5) / 200_000).map(
      (p) => 15 + (p < 0.5 ? b * Math.log(2 * p) : -b * Math.log(2 - 2 * p)),
    );
    const share = (isIn: (r: number) => boolean) => returns.filter(isIn).length / returns.length;
    const odds = { p_up: share((r) => r > cost), p_down: share((r) => r < -cost) };
    const earned = returns.reduce((sum, r) => sum + r - cost, 0) / returns.length;
    const { expected_net_bps: expected } = chooseAction(odds, { sigma_1h_bps: b * Math.SQRT2, cost_bps: cost });
    expect(Math.abs((expected ?? Number.NaN) - earned)).toBeLessThan(0.5);
  });
});

const sample = (p_up: number, p_down: number, reason: string) => ({ p_up, p_down, reason, invalidation: null });

describe("several samples", () => {
  test("are averaged, with their spread and the words of the one in the middle", () => {
    expect(meanForecast([sample(0.7, 0.1, "far"), sample(0.5, 0.3, "near"), sample(0.3, 0.5, "other")])).toEqual({
      p_up: 0.5,
      p_down: 0.3,
      reason: "near",
      invalidation: null,
      p_up_deviation: 0.2,
      p_down_deviation: 0.2,
    });
  });

  test("of which there is one have no spread, and of which there is none no forecast", () => {
    expect(meanForecast([sample(0.7, 0.1, "one")])).toMatchObject({ p_up: 0.7, p_up_deviation: null, p_down_deviation: null });
    expect(meanForecast([])).toBeNull();
  });
});
