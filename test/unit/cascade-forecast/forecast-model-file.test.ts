import { expect, test } from "vitest";
import { FORECAST_FEATURES } from "../../../src/cascade-forecast/forecast-features.ts";
import { readForecastModel } from "../../../src/cascade-forecast/forecast-model-file.ts";
import { ForecastScorer } from "../../../src/cascade-forecast/forecast-model.ts";
import { forecastModel } from "./forecast-model.ts";

const read = (value: unknown) => readForecastModel(JSON.stringify(value));

test("a model of another hash, shape or list of features, or one that failed its test, is refused with the reason", async () => {
  const model = await forecastModel();
  expect(await read(model)).toEqual(model);
  expect(await readForecastModel("{")).toMatch(/^it is not valid JSON: /);
  expect(await read({ ...model, intercept: 3 })).toBe("its hash does not match its fields: it was changed after it was trained");
  expect(await read({ ...model, hash: "0".repeat(64) })).toBe("its hash does not match its fields: it was changed after it was trained");
  expect(await read({ ...model, intercept: "-2" })).toMatch(/^intercept: /);
  expect(await read({ ...model, secret: 1 })).toMatch(/^it: /);
  const short = await forecastModel({ features: model.features.slice(1) });
  const count = FORECAST_FEATURES.length;
  expect(await read(short)).toBe(`it was trained on ${count - 1} features of version 1; this version has ${count} of version 1`);
  expect(await read(await forecastModel({ features_version: 2 }))).toMatch(/^it was trained on \d+ features of version 2; /);
  expect(await read(await forecastModel({ refusal: "it was tested on 12 cascades; needed: 300" }))).toBe(
    "it failed its test: it was tested on 12 cascades; needed: 300",
  );
});

test("a probability is the logistic of the sum; an unknown feature counts as the mean, and none beyond 6 deviations", async () => {
  const scorer = new ForecastScorer(await forecastModel());
  const at = (velocity: number) =>
    scorer.probability(Float64Array.from(FORECAST_FEATURES, (_, index) => (index === 0 ? velocity : Number.NaN)));
  expect(at(2)).toBeCloseTo(0.5, 12);
  expect(at(Number.NaN)).toBeCloseTo(1 / (1 + Math.exp(2)), 12);
  expect(at(1e9)).toBe(at(6));
  expect(() => new ForecastScorer({ features_version: 1, intercept: 0, features: [] })).toThrow(
    "the model has other features than those of version 1",
  );
});

test("features have names of their own, units and meanings", () => {
  expect(new Set(FORECAST_FEATURES.map(({ name }) => name)).size).toBe(FORECAST_FEATURES.length);
  for (const { name, unit, meaning } of FORECAST_FEATURES) {
    expect(name).toMatch(/^[a-z0-9_]+$/);
    expect(unit).not.toBe("");
    expect(meaning).not.toBe("");
  }
});
