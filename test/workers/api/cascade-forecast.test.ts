import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FORECAST_MODEL_KEY } from "../../../src/cascade-forecast/forecast-model-file.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { readGradedDays, saveGradedDays } from "../../../workers/forecasts/graded-days.ts";
import { newGradedDay } from "../../../src/cascade-forecast/graded-day.ts";
import { forecastModel } from "../../unit/cascade-forecast/forecast-model.ts";
import { emptyStorage } from "../empty-storage.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";

/** A model is read at most once a minute, so each look is later by more than that. */
let clock = Date.now() + 1_000 * MINUTE_MS;
const look = (path = "/v1/cascades/forecast?symbol=BTC", at = (clock += 2 * MINUTE_MS)) => apiClient(at)(path);
const install = (model: object | string) => env.BUCKET.put(FORECAST_MODEL_KEY, typeof model === "string" ? model : JSON.stringify(model));

/** Why nothing is forecast with this file in the bucket. */
const withheld = async (content: object | string) => {
  await install(content);
  const { data } = (await look()).body;
  expect(data).toMatchObject({ score_kind: null, forecasts: [], model: null, live: null });
  return data.withheld;
};

beforeEach(emptyStorage);
afterEach(() => void vi.useRealTimers());

describe("GET /v1/cascades/forecast", () => {
  test("withholds everything without a model, and says why, as the status does", async () => {
    const reason = `no model is installed under ${FORECAST_MODEL_KEY}`;
    const { status, body } = await look();
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ score_kind: null, withheld: reason, forecasts: [], model: null, live: null, horizon_s: 300 });
    const { body: state } = await apiClient((clock += 2 * MINUTE_MS), {}, () => Promise.resolve([]))("/v1/status");
    expect(state.data.cascade_forecast).toEqual({ score_kind: null, reason, model_hash: null, highest: null });
  });

  test("withholds a model of another hash, of another shape, or that failed its test", async () => {
    const model = await forecastModel();
    expect(await withheld({ ...model, intercept: 5 })).toBe(
      `${FORECAST_MODEL_KEY} must not forecast: its hash does not match its fields: it was changed after it was trained`,
    );
    expect(await withheld("{}")).toMatch(/must not forecast: features_version: /);
    expect(await withheld(await forecastModel({ refusal: "it was tested on 80 cascades; needed: 300" }))).toMatch(
      /it failed its test: it was tested on 80 cascades; needed: 300$/,
    );
  });

  test("shows the hub's probabilities with the model's hash, test and live record, and why a side has none", async () => {
    const model = await forecastModel();
    await install(model);
    // The hub and the API read the model at most once a minute, and may have done so for another test.
    const now = (clock += 2 * MINUTE_MS);
    vi.useFakeTimers({ toFake: ["Date"], now });
    const hub = env.MARKET_HUB.getByName("hub");
    await hub.observe([]);
    await runDurableObjectAlarm(hub);
    await hub.observe([sampleLiquidation({ event_time: now - 600, received_time: now - 500 })]);
    const graded = { ...newGradedDay(Math.floor(now / 86_400_000) * 86_400_000, model.hash), cascades: 3, leads_ms: [4_000] };
    const others = { ...graded, model_hash: "other" };
    await saveGradedDays(env.DB, [graded, others], now);
    const { data } = (await look("/v1/cascades/forecast?symbol=BTC", now)).body;
    expect(data).toMatchObject({
      score_kind: "calibrated",
      withheld: null,
      model: { hash: model.hash, cascades: 900, test: { pr_auc: 0.31, velocity_pr_auc: 0.23, gain_low: 0.05 } },
      live: { lead_times: { cascades: 3, led: 1, p50_s: 4 }, forecasts: 0, mean_probability: null },
    });
    const [long, short] = data.forecasts;
    expect(long).toMatchObject({ symbol: "BTC", position_side: "long", withheld: null, age_ms: 500, model_hash: model.hash });
    expect(long.probability).toBeGreaterThan(0);
    expect(long.probability).toBeLessThan(1);
    expect(short).toMatchObject({ position_side: "short", probability: null, age_ms: null, model_hash: null });
    expect(short.withheld).toMatch(/^no liquidation of this side/);
    const { data: other } = (await look("/v1/cascades/forecast?symbol=SOL", now)).body;
    expect(other.forecasts.map((one: { withheld: string }) => one.withheld)).toEqual([
      "the model was not trained on SOL",
      "the model was not trained on SOL",
    ]);
    const { data: all } = (await look("/v1/cascades/forecast", now)).body;
    expect(all.forecasts).toHaveLength(1);
    const { body: state } = await apiClient(now, {}, () => Promise.resolve([]))("/v1/status");
    expect(state.data.cascade_forecast).toEqual({ score_kind: "calibrated", reason: null, model_hash: model.hash, highest: all.forecasts });
  });

  test("withholds everything while the hub does not respond", async () => {
    await install(await forecastModel());
    const failing = { getByName: () => ({ forecasts: () => Promise.reject(new Error("internal error")) }) };
    const { status, body } = await apiClient((clock += 2 * MINUTE_MS), { MARKET_HUB: failing })("/v1/cascades/forecast?symbol=BTC");
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ score_kind: null, withheld: "the hub, which forecasts, did not respond", forecasts: [] });
  });

  test("stores a day in place of the one of before", async () => {
    const day = newGradedDay(0, "one");
    await saveGradedDays(env.DB, [day], 1);
    await saveGradedDays(env.DB, [{ ...day, cascades: 2 }], 2);
    expect(await readGradedDays(env.DB, "one", 0)).toEqual([{ ...day, cascades: 2 }]);
    expect(await readGradedDays(env.DB, "one", 1)).toEqual([]);
  });
});
