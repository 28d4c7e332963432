import * as z from "zod";
import { hubOf } from "../../../durable-objects/market-hub/hub-of.ts";
import { FORECAST_HORIZON_MS } from "../../../src/cascade-forecast/forecast-model.ts";
import type { ForecastModelFile } from "../../../src/cascade-forecast/forecast-model-file.ts";
import type { CurrentForecasts } from "../../../src/cascade-forecast/live-forecasts.ts";
import { FEATURES_MS } from "../../../src/cascade-forecast/recent-coverage.ts";
import { liveRecord } from "../../../src/cascade-forecast/live-record.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import type { PositionSide } from "../../../src/liquidation.ts";
import { POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { DAY_MS, floorTo } from "../../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { readGradedDays } from "../../forecasts/graded-days.ts";
import { installedForecastModel } from "../../forecasts/installed-forecast-model.ts";
import { type ShownForecast, highestForecasts, shownForecast } from "../../forecasts/shown-forecast.ts";
import { requireCollected } from "../http/collected.ts";
import { type Frozen, jsonOperation } from "../http/json-operation.ts";
import { parameters } from "../http/parameters.ts";
import { type CascadeForecasts, cascadeForecastSchema } from "../schemas/cascade-forecast.ts";

const LIVE_DAYS = 30;
/** Without a symbol, only the highest. */
const MAX_FORECASTS = 100;

/** The probabilities of cascades now, or the reason why they are withheld. */
export const cascadeForecastRoute = jsonOperation({
  path: "/v1/cascades/forecast",
  id: "getCascadeForecast",
  cost: 2,
  cacheSeconds: 5,
  tag: "Cascades",
  summary: "Get the forecast of cascades",
  description:
    "Returns the probability that a cascade of a base asset and side becomes active within 5 minutes of its last liquidation, with the model's hash, training, test and live record. It is withheld, with the reason, unless the model beats the velocity on 300 cascades that it was not trained on. A forecast is made at a liquidation and holds for 5 minutes; where there was none, nothing is forecast. Only what the configured venues publish is known: a cascade elsewhere is not foreseen. `meta.gaps` lists gaps of the last 15 minutes, of which the forecast is made.",
  query: z.strictObject({ symbol: parameters.symbol.optional() }),
  example: { query: { symbol: "BTC" } },
  problems: ["unknown_symbol"],
  data: cascadeForecastSchema,
  answer: async (c, { query: { symbol } }) => {
    const config = c.get("config");
    const now = c.get("deps").now();
    if (symbol !== undefined) await requireCollected(c, symbol, { history: false });
    const range = { start: now - FEATURES_MS, end: now };
    const { model, reason } = await installedForecastModel(c.env.BUCKET, now);
    const [current, days, gapRows] = await Promise.all([
      model === null ? null : Promise.resolve(hubOf(c.env, config).forecasts(symbol ?? null)).catch(() => null),
      model === null ? [] : readGradedDays(c.env.DB, model.hash, floorTo(now, DAY_MS) - LIVE_DAYS * DAY_MS),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range).run(),
    ]);
    const forecasts = model === null || current === null ? [] : forecastsOf(model, current, symbol, now);
    const withheldFor = model !== null && current === null ? "the hub, which forecasts, did not respond" : reason;
    const data: Frozen<CascadeForecasts> = {
      time: now,
      horizon_s: FORECAST_HORIZON_MS / 1_000,
      score_kind: withheldFor === null ? "calibrated" : null,
      withheld: withheldFor,
      forecasts,
      model: model === null ? null : modelOf(model),
      live: liveRecord(days),
    };
    const { gaps, truncated } = gapsOf(gapRows);
    return { data, meta: { count: forecasts.length, coverage: coverageOf(config), gaps, gaps_truncated: truncated } };
  },
});

function modelOf({ hash, features_version, trained_from, trained_to, forecasts, cascades, symbols, test }: ForecastModelFile) {
  return { hash, features_version, trained_from, trained_to, forecasts, cascades, symbols, test };
}

function forecastsOf(
  model: ForecastModelFile,
  current: CurrentForecasts,
  symbol: string | undefined,
  now: number,
): readonly ShownForecast[] {
  // The hub reads the model once a minute: until then its forecasts are another model's, and say so.
  if (symbol === undefined) return highestForecasts(current, MAX_FORECASTS, now);
  return POSITION_SIDES.map((side) => {
    const own = current.forecasts.find((one) => one.position_side === side);
    return own === undefined ? withheld(symbol, side, reasonOf(model, current, symbol, side)) : shownForecast(own, now);
  });
}

function withheld(symbol: string, side: PositionSide, reason: string): ShownForecast {
  return {
    symbol,
    position_side: side,
    probability: null,
    withheld: reason,
    event_time: null,
    age_ms: null,
    is_alarm: null,
    model_hash: null,
  };
}

function reasonOf(
  { symbols }: ForecastModelFile,
  { running, is_covered: isCovered }: CurrentForecasts,
  symbol: string,
  side: PositionSide,
): string {
  if (!symbols.includes(symbol)) return `the model was not trained on ${symbol}`;
  if (!isCovered) return "too few venues were connected in the last 15 minutes";
  if (running.some((one) => one.position_side === side)) return "a cascade of this side is running";
  return "no liquidation of this side came in the last 5 minutes since the model was read";
}
