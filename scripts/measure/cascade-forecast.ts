import { FORECAST_FEATURES } from "../../src/cascade-forecast/forecast-features.ts";
import { ForecastCollector } from "../../src/training/forecast-collector.ts";
import type { CascadeStart, ForecastRow } from "../../src/training/forecast-row.ts";
import { MIN_CASCADES, trainForecast } from "../../src/training/train-forecast.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type MarketModel } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { simulateMarket } from "../market-simulation/simulate-market.ts";
import type { Figure } from "./figure.ts";

/** A Monday. */
const START = Date.parse("2026-03-02");
/** Baselines need a day of their own. */
const LEARNED_MS = 2 * DAY_MS;
/** Enough for 300 cascades in the second half. */
const DAYS = 60;
const FEW_DAYS = 12;

/** More flushes than a calm market has, so that hundreds of cascades fit into weeks. */
export const FORECAST_MODEL: MarketModel = { ...BTC_MODEL, flushesPerDay: 32 };

export interface MarketForecasts {
  readonly rows: readonly ForecastRow[];
  readonly starts: readonly CascadeStart[];
}

/** What the hub knows at the liquidations of a simulated market, and the cascades that follow. */
export function marketForecasts(seed: number, days: number, model: MarketModel = FORECAST_MODEL): MarketForecasts {
  const market = simulateMarket({ seed, days, effect: "cascade", model, startTime: START });
  const collector = new ForecastCollector({ start: START + LEARNED_MS, end: market.endTime }, () => true);
  for (const row of marketRows(market)) collector.observe(row);
  collector.advance(market.endTime);
  return { rows: collector.rowsBy(Infinity), starts: collector.starts };
}

/** The features of the velocity. */
const OF_VELOCITY = new Set(["velocity_over_p99", "velocity_above_p90", "velocity_above_p99"]);

/**
 * The same cascades where the velocity is all there is: the other features are those of another row, far away in time, so that
 * they mean nothing.
 */
export function velocityAlone(rows: readonly ForecastRow[]): readonly ForecastRow[] {
  const step = Math.floor(rows.length * 0.381_966) | 1;
  return rows.map((row, index) => {
    const other = rows[(index + step) % rows.length]?.features;
    const features = row.features.map((value, at) => (OF_VELOCITY.has(FORECAST_FEATURES[at]?.name ?? "") ? value : (other?.[at] ?? value)));
    return { ...row, features };
  });
}

/** Whether the forecast ships where the flow and the price announce cascades, and is withheld where nothing does, or few came. */
export function cascadeForecast(seeds: readonly number[]): Promise<readonly Figure[]> {
  const markets = seeds.map((seed) => marketForecasts(seed, DAYS));
  const real = markets.map(({ rows, starts }) => trainForecast(rows, starts));
  const alone = markets.map(({ rows, starts }) => trainForecast(velocityAlone(rows), starts));
  const few = seeds.map((seed) => marketForecasts(seed, FEW_DAYS)).map(({ rows, starts }) => trainForecast(rows, starts));
  const tests = real.flatMap(({ model }) => model?.test ?? []);
  const each = (value: (test: (typeof tests)[number]) => string) => tests.map(value).join("; ");
  const withheld = (trainings: typeof real) => `${trainings.filter(({ refusal }) => refusal !== null).length} of ${seeds.length}`;
  const shipped = (trainings: typeof real) => `${trainings.filter(({ refusal }) => refusal === null).length} of ${seeds.length}`;
  return Promise.resolve([
    { what: "markets in which it ships", measured: shipped(real), target: "all" },
    { what: "cascades tested", measured: each(({ cascades }) => String(cascades)), target: `at least ${MIN_CASCADES}` },
    { what: "PR-AUC of chance", measured: each(({ base_rate }) => base_rate.toFixed(3)), target: "" },
    { what: "PR-AUC of log(velocity / p99)", measured: each(({ velocity_pr_auc }) => velocity_pr_auc.toFixed(3)), target: "" },
    { what: "PR-AUC of the forecast", measured: each(({ pr_auc }) => pr_auc.toFixed(3)), target: "above the velocity's" },
    {
      what: "its gain, 95 % interval over days",
      measured: each(({ gain, gain_low, gain_high }) => `${gain.toFixed(3)} (${gain_low.toFixed(3)} to ${gain_high.toFixed(3)})`),
      target: "above 0",
    },
    {
      what: "mean forecast, and what came true",
      measured: each(({ mean_probability, base_rate }) => `${(100 * mean_probability).toFixed(2)} %, ${(100 * base_rate).toFixed(2)} %`),
      target: "within a factor of 1.5",
    },
    {
      what: "calibration slope",
      measured: each(({ calibration_slope }) => calibration_slope.toFixed(2)),
      target: "within a factor of 1.5 of 1",
    },
    { what: "PR-AUC of the USD of 90 s", measured: each(({ usd_pr_auc }) => usd_pr_auc.toFixed(3)), target: "below the forecast's" },
    {
      what: "alarms at the highest hundredth that came true",
      measured: each(({ alarm_precision }) => `${(100 * alarm_precision).toFixed(0)} %`),
      target: "",
    },
    {
      what: "cascades that an alarm led, median lead in seconds",
      measured: each(({ lead_times: { led, cascades, p50_s } }) => `${led} of ${cascades}, ${p50_s?.toFixed(0) ?? "-"}`),
      target: "",
    },
    { what: "withheld where the velocity is all there is", measured: withheld(alone), target: "all" },
    { what: `withheld in ${FEW_DAYS} days, too few cascades`, measured: withheld(few), target: "all" },
  ]);
}
