import { describe, expect, test } from "vitest";
import { readForecastModel, sealForecastModel } from "../../../src/cascade-forecast/forecast-model-file.ts";
import { FORECAST_HORIZON_MS } from "../../../src/cascade-forecast/forecast-model.ts";
import { FORECAST_EMBARGO_MS, walkForwardDays } from "../../../src/training/forecast-fold.ts";
import { MIN_CASCADES, trainForecast } from "../../../src/training/train-forecast.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { START, randomRows } from "./forecast-rows.ts";

describe("training the forecast of cascades", () => {
  test("ships where a precursor is planted: it is found, and beats the velocity on later days", async () => {
    const { rows, starts } = randomRows({ seed: 1, days: 28, perDay: 120, precursor: 1 });
    const { model, refusal } = trainForecast(rows, starts);
    expect(refusal).toBeNull();
    const byWeight = model?.features.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).map(({ name }) => name);
    expect(byWeight?.slice(0, 2).toSorted()).toEqual(["return_60s", "velocity_over_p99"]);
    expect(model?.test.gain_low).toBeGreaterThan(0.03);
    expect(model?.test.cascades).toBeGreaterThanOrEqual(MIN_CASCADES);
    for (const { forecasts, mean_probability: mean, followed_share: share } of model?.test.reliability ?? [])
      if (forecasts > 200) expect(Math.abs((mean ?? 0) - (share ?? 0))).toBeLessThan(0.08);
    expect(model?.test.lead_times).toMatchObject({ p10_s: 40, p50_s: 40 });
    if (model === null) throw new Error("there is no model");
    const sealed = await sealForecastModel({ ...model, refusal });
    expect(await readForecastModel(JSON.stringify(sealed))).toEqual(sealed);
  });

  test("is withheld where the velocity is all there is, and says by how much it failed", () => {
    const refusals = [2, 3].map((seed) => {
      const { rows, starts } = randomRows({ seed, days: 28, perDay: 120, precursor: 0 });
      return trainForecast(rows, starts).refusal;
    });
    for (const refusal of refusals)
      expect(refusal).toMatch(/^its area under precision and recall exceeds that of the velocity by -?0\.\d+, 95 % interval/);
  });

  test("is withheld under 300 tested cascades, however good it is", () => {
    const { rows, starts } = randomRows({ seed: 1, days: 6, precursor: 2 });
    const { model, refusal } = trainForecast(rows, starts);
    expect(model?.test.gain_low).toBeGreaterThan(0);
    expect(refusal).toMatch(/^it was tested on \d+ cascades; needed: 300$/);
  });

  test("is withheld under 14 tested days, however many cascades they had", () => {
    const { rows, starts } = randomRows({ seed: 1, days: 10, precursor: 1, perDay: 360 });
    expect(trainForecast(rows, starts).refusal).toBe("it was tested on 5 days with a cascade; needed: 14");
  });

  test("is withheld where its forecasts are too sure", () => {
    const { rows, starts } = randomRows({ seed: 4, days: 28, perDay: 120, precursor: 1.5 });
    // From the first tested day on, the outcome of every other row is that of another one, in all as many as before.
    const half = rows.length / 2;
    const blurred = rows.map((row, index) => {
      if (row.time < START + 14 * DAY_MS || index % 2 === 0) return row;
      const isOtherFollowed = (rows[half + ((index * 7_919) % half)]?.cascadeTime ?? null) !== null;
      return { ...row, cascadeTime: isOtherFollowed ? row.time + 40_000 : null };
    });
    expect(trainForecast(blurred, starts).refusal).toMatch(/^its calibration slope is 0\.\d+; allowed: 1 within a factor of 1\.5$/);
  });

  test("is withheld where what it says does not come true as often", () => {
    const { rows, starts } = randomRows({ seed: 4, days: 28, perDay: 120, precursor: 1.5 });
    // In the second half nine in ten cascades are no longer there, although all looks the same.
    const rarer = rows.map((row, index) => (row.time > START + 14 * DAY_MS && index % 2 === 0 ? { ...row, cascadeTime: null } : row));
    expect(trainForecast(rarer, starts).refusal).toMatch(/came true; allowed: a factor of 1\.5$|needed: 300$/);
  });

  test("has no model where no cascade, or nothing but one day, was seen", () => {
    expect(trainForecast([], [])).toEqual({ model: null, refusal: "there are 0 cascades on 0 days, too few to learn and test anything" });
    const { rows, starts } = randomRows({ seed: 1, days: 1, precursor: 1 });
    expect(trainForecast(rows, starts).model).toBeNull();
  });

  test("tests on whole days, and trains on what was known an hour before them", () => {
    const folds = walkForwardDays(randomRows({ seed: 1, days: 28, perDay: 120, precursor: 1 }).rows);
    expect(folds).toHaveLength(5);
    expect(folds[0]?.from).toBe(START + 14 * DAY_MS);
    expect(folds.at(-1)?.to).toBe(START + 28 * DAY_MS);
    for (const { from, to, training, test: tested } of folds) {
      expect(from % DAY_MS).toBe(0);
      expect(Math.max(...training.map(({ time }) => time))).toBeLessThanOrEqual(from - FORECAST_EMBARGO_MS - FORECAST_HORIZON_MS);
      expect(tested.every(({ time }) => time >= from && time < to)).toBe(true);
    }
  });
});
