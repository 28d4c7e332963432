import { beforeAll, describe, expect, test } from "vitest";
import { FORECAST_MODEL } from "../../../scripts/measure/cascade-forecast.ts";
import { marketRows } from "../../../scripts/market-simulation/market-rows.ts";
import { simulateMarket } from "../../../scripts/market-simulation/simulate-market.ts";
import { ReplayedHub } from "../../../src/cascade/replayed-hub.ts";
import type { ForecastModelFile } from "../../../src/cascade-forecast/forecast-model-file.ts";
import { ForecastScorer } from "../../../src/cascade-forecast/forecast-model.ts";
import type { GradedDay } from "../../../src/cascade-forecast/graded-day.ts";
import { LiveForecasts, type SideForecast } from "../../../src/cascade-forecast/live-forecasts.ts";
import { liveRecord } from "../../../src/cascade-forecast/live-record.ts";
import { ForecastCollector } from "../../../src/training/forecast-collector.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { forecastModel } from "./forecast-model.ts";
import { START } from "./forecast-rows.ts";

/** A day with flushes, so that cascades come. */
const market = simulateMarket({ seed: 5, days: 1, effect: "cascade", model: FORECAST_MODEL, startTime: START });
const rows = marketRows(market);
const collector = new ForecastCollector({ start: START, end: market.endTime + MINUTE_MS }, () => true);
for (const row of rows) collector.observe(row);
collector.advance(market.endTime);
const collected = collector.rowsBy(Infinity);

interface Played {
  readonly days: readonly GradedDay[];
  readonly forecasts: ReadonlyMap<string, SideForecast>;
  readonly live: LiveForecasts;
}

let model: ForecastModelFile;
beforeAll(async () => {
  const given = await forecastModel();
  // An alarm that many forecasts before cascades reach.
  model = await forecastModel({ test: { ...given.test, alarm_probability: 0.1 } });
});

interface PlayOptions {
  readonly isCovered?: (range: TimeRange) => boolean;
  readonly liquidations?: number;
}

function play(served: ForecastModelFile | null, { isCovered = () => true, liquidations = rows.length }: PlayOptions = {}): Played {
  let live: LiveForecasts | null = null;
  const forecasts = new Map<string, SideForecast>();
  const hub = new ReplayedHub({
    transition: (one, time) => live?.noteTransition(one, time),
    observed(event, flow) {
      live?.observe(event, flow);
      const own = live?.current("BTC", event.received_time).forecasts.find((one) => one.position_side === event.position_side);
      const key = `${event.position_side}|${event.received_time}`;
      if (own?.time === event.received_time && !forecasts.has(key)) forecasts.set(key, own);
    },
  });
  const made = new LiveForecasts({
    machine: hub.machine,
    baselines: {
      velocityQuantile: (symbol, side, share) => hub.baselineOf(symbol, side).velocityQuantile(share),
      medianEvents1m: (symbol, side) => hub.baselineOf(symbol, side).medianEvents1m,
    },
    isCovered,
    days: [],
  });
  live = made;
  made.serve(served);
  for (const row of rows.slice(0, liquidations)) hub.observe(row);
  made.advance(market.endTime + 10 * MINUTE_MS);
  return { days: made.grades.days, forecasts, live: made };
}

test("what too few venues covered teaches nothing, neither its rows nor its quiet minutes", () => {
  const noon = START + 12 * 60 * MINUTE_MS;
  const half = new ForecastCollector({ start: START, end: market.endTime }, ({ end }) => end <= noon);
  for (const row of rows) half.observe(row);
  const known = half.rowsBy(Infinity);
  expect(known.length).toBeGreaterThan(300);
  expect(Math.max(...known.map(({ time }) => time))).toBeLessThanOrEqual(noon - 5 * MINUTE_MS);
  expect(known.length + half.notCovered).toBeGreaterThanOrEqual(collected.length);
});

describe("live forecasts", () => {
  let whole: Played;
  beforeAll(() => {
    whole = play(model);
  });

  test("say at each liquidation what the training computes from the stored ones", () => {
    const { forecasts } = whole;
    const scorer = new ForecastScorer(model);
    expect(collected.length).toBeGreaterThan(1_000);
    expect(collector.starts.length).toBeGreaterThan(3);
    for (const { side, time, features } of collected) {
      expect(forecasts.get(`${side}|${time}`)?.probability).toBe(scorer.probability(features));
      expect(forecasts.get(`${side}|${time}`)?.model_hash).toBe(model.hash);
    }
  });

  test("are graded as the training labels: the same forecasts, cascades and outcomes, each with its model", () => {
    const { days } = whole;
    expect(days.every((day) => day.model_hash === model.hash)).toBe(true);
    const record = liveRecord(days);
    expect(record?.forecasts).toBe(collected.length);
    expect(record?.followed_share).toBeCloseTo(collected.filter(({ cascadeTime }) => cascadeTime !== null).length / collected.length, 12);
    expect(record?.lead_times.cascades).toBe(collector.starts.length);
    expect(record?.lead_times.led).toBeGreaterThan(0);
    const followed = record?.alarms.filter(({ cascade_time }) => cascade_time !== null) ?? [];
    for (const { time, cascade_time: cascade, probability } of record?.alarms ?? []) {
      expect(probability).toBeGreaterThanOrEqual(0.1);
      if (cascade !== null) expect(cascade - time).toBeLessThanOrEqual(5 * MINUTE_MS);
    }
    expect(followed.length).toBeGreaterThan(0);
  });

  test("have no grade where too few venues were connected after them, and are none where they were not before", () => {
    const coveredUntil = START + 12 * 60 * MINUTE_MS;
    const { days, forecasts, live } = play(model, { isCovered: ({ end }) => end <= coveredUntil });
    const record = liveRecord(days);
    expect(record?.forecasts).toBeGreaterThan(300);
    expect(record?.not_covered).toBeGreaterThan(0);
    // Coverage is looked at once in ten seconds.
    expect(Math.max(...[...forecasts.values()].map(({ time }) => time))).toBeLessThan(coveredUntil + 10_000);
    expect(live.current("BTC", market.endTime)).toMatchObject({ forecasts: [], is_covered: false });
  });

  test("are none without a model, for a base asset that it was not trained on, and five minutes after a liquidation", async () => {
    expect(play(null, { liquidations: 300 })).toMatchObject({ days: [], forecasts: new Map() });
    expect(play(await forecastModel({ symbols: ["ETH"] }), { liquidations: 300 })).toMatchObject({ days: [], forecasts: new Map() });
    const { live, days } = play(model, { liquidations: 300 });
    expect(days).not.toEqual([]);
    expect(live.current("BTC", market.endTime + 10 * MINUTE_MS).forecasts).toEqual([]);
  });
});
