import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SideBaseline } from "../../../src/quantiles/side-baseline.ts";
import { startingQuantiles, tableQuantile, tableRank } from "../../../src/quantiles/starting-quantiles.ts";

const HOUR = 3_600_000;
const START = 1_790_000_000_000 - (1_790_000_000_000 % HOUR);

function sampled(hours: number): SideBaseline {
  const baseline = new SideBaseline("BTC");
  for (let minute = 0; minute < hours * 60; minute += 1) baseline.sample(minute % 100, 10 * (minute % 100), START + minute * 60_000);
  return baseline;
}

describe("a side's baseline", () => {
  test("ranks against its own minutes once there are 24 hours of them", () => {
    const baseline = sampled(24);
    expect(baseline.velocity(50)).toBeCloseTo(0.5, 1);
    expect(baseline.cumUsd5m(900)).toBeCloseTo(0.9, 1);
    expect(baseline.velocity(0)).toBe(0);
    expect(baseline.velocity(1e6)).toBe(1);
    expect(baseline.velocityQuantile(0.99)).toBeCloseTo(98, -1);
  });

  test("ranks against the starting table with less", () => {
    const baseline = sampled(23);
    expect(baseline.velocity(25_000)).toBe(0.99);
    expect(baseline.cumUsd5m(5_000_000)).toBe(0.99);
    expect(baseline.velocityQuantile(0.99)).toBe(25_000);
  });

  test("forgets what is over seven days old", () => {
    const baseline = sampled(24);
    for (let hour = 0; hour < 7 * 24; hour += 1) baseline.sample(1000, 1000, START + (24 + hour) * HOUR);
    expect(baseline.hours).toBe(168);
    expect(baseline.velocity(500)).toBe(0);
  });

  test("takes a new sample into the ranks at once", () => {
    const baseline = sampled(24);
    expect(baseline.velocity(5000)).toBe(1);
    for (let index = 0; index < 1440; index += 1) baseline.sample(9000, 0, START + 23 * HOUR + 1);
    expect(baseline.velocity(5000)).toBeCloseTo(0.5, 9);
  });

  test("comes back hour by hour from what was stored", () => {
    const baseline = sampled(24);
    const restored = new SideBaseline("BTC");
    for (let hour = 0; hour < 24; hour += 1) {
      expect(restored.restore(JSON.parse(JSON.stringify(baseline.hourOf(START + hour * HOUR))))).toBe(true);
    }
    expect(restored.velocity(33)).toBe(baseline.velocity(33));
    expect(restored.restore({ hour: START, velocity: null, cumUsd5m: {} })).toBe(false);
  });
});

describe("the starting table", () => {
  test("goes straight between its points, from nothing to one", () => {
    const table = [
      [0.5, 100],
      [1, 300],
    ] as const;
    expect([0, 50, 100, 200, 300, 1e9].map((value) => tableRank(table, value))).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => tableQuantile(table, share))).toEqual([0, 50, 100, 200, 300]);
  });

  test("rises for every symbol, and is smaller for smaller ones", () => {
    for (const symbol of ["BTC", "ETH", "SOL", "PEPE"]) {
      for (const table of Object.values(startingQuantiles(symbol))) {
        const values = table.map(([, value]: readonly [number, number]) => value);
        expect(values).toEqual(values.toSorted((a: number, b: number) => a - b));
        expect(table.at(-1)?.[0]).toBe(1);
      }
    }
    expect(tableQuantile(startingQuantiles("PEPE").velocity, 0.99)).toBeLessThan(tableQuantile(startingQuantiles("BTC").velocity, 0.99));
  });
});

describe("a side's week", () => {
  /** The samples of a week and more, with quiet and busy hours. */
  const minutes = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e9, noNaN: true })), { minLength: 1, maxLength: 400 });

  test("is that of its last 168 hours, whatever came before", () => {
    fc.assert(
      fc.property(minutes, fc.double({ min: 0, max: 1, noNaN: true }), (usd, share) => {
        const baseline = new SideBaseline("BTC");
        const hourly = usd.map((value, index) => ({ value, time: START + index * HOUR }));
        for (const { value, time } of hourly) baseline.sample(value, value * 2, time);
        const last = new SideBaseline("BTC");
        for (const { value, time } of hourly.slice(-168)) last.sample(value, value * 2, time);
        expect(baseline.hours).toBe(last.hours);
        expect(baseline.isSilent).toBe(hourly.slice(-168).every(({ value }) => value < 0.001));
        expect(baseline.velocityQuantile(share)).toBe(last.velocityQuantile(share));
        for (const { value } of hourly) expect(baseline.cumUsd5m(value)).toBe(last.cumUsd5m(value));
      }),
      { numRuns: 50 },
    );
  });

  test("does not depend on the order of its hours", () => {
    const [forwards, backwards] = [sampled(48), new SideBaseline("BTC")];
    for (let minute = 48 * 60 - 1; minute >= 0; minute -= 1) backwards.sample(minute % 100, 10 * (minute % 100), START + minute * 60_000);
    expect(backwards.hourOf(START + 5 * HOUR)).toEqual(forwards.hourOf(START + 5 * HOUR));
    expect(backwards.velocity(33)).toBe(forwards.velocity(33));
  });

  test("replaces an hour that is restored twice", () => {
    const baseline = sampled(24);
    const [hour, before] = [baseline.hourOf(START), baseline.velocity(50)];
    baseline.restore(hour);
    expect(baseline.velocity(50)).toBe(before);
    expect(baseline.hours).toBe(24);
  });
});
