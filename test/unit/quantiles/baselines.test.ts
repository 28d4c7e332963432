import { expect, test } from "vitest";
import { Baselines } from "../../../src/quantiles/baselines.ts";

const HOUR = 3_600_000;
const START = 1_790_000_000_000 - (1_790_000_000_000 % HOUR);

test("a symbol and side that is quiet is sampled as zero, so that ranks are shares of time", () => {
  const baselines = new Baselines();
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    const busy = minute % 4 === 0 ? [{ symbol: "BTC", side: "long", velocity: 100, cumUsd5m: 1000 } as const] : [];
    baselines.sample(busy, START + minute * 60_000);
  }
  expect(baselines.of("BTC", "long").velocity(50)).toBeCloseTo(0.75, 9);
  expect(baselines.of("BTC", "long").cumUsd5m(2000)).toBe(1);
  expect(baselines.velocityQuantile("BTC", "long", 0.5)).toBe(0);
  expect(baselines.velocityQuantile("BTC", "long", 0.99) / 100).toBeCloseTo(1, 1);
});

test("a symbol and side never seen is ranked against the starting table, without a branching ratio", () => {
  const baselines = new Baselines();
  expect(baselines.of("SOL", "short")).toMatchObject({ branchingRatio: null });
  expect(baselines.of("SOL", "short").velocity(1e9)).toBe(1);
});

test("the last fit is the branching ratio from then on, of that side alone", () => {
  const baselines = new Baselines();
  baselines.setBranchingRatio("BTC", "long", 0.7);
  expect(baselines.of("BTC", "long").branchingRatio).toBe(0.7);
  expect(baselines.of("BTC", "short").branchingRatio).toBeNull();
});

test("stored hours bring the ranks back", () => {
  const baselines = new Baselines();
  const restored = new Baselines();
  for (let hour = 0; hour < 24; hour += 1) {
    const time = START + hour * HOUR;
    baselines.sample([{ symbol: "BTC", side: "long", velocity: hour, cumUsd5m: hour }], time);
    for (const stored of baselines.hours(time)) expect(restored.restore(JSON.parse(JSON.stringify(stored)))).toBe(true);
  }
  expect(restored.of("BTC", "long").velocity(12)).toBe(baselines.of("BTC", "long").velocity(12));
  expect(restored.velocityQuantile("BTC", "long", 0.9)).toBe(baselines.velocityQuantile("BTC", "long", 0.9));
});
