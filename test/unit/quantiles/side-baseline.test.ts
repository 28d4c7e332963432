import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SideBaseline } from "../../../src/quantiles/side-baseline.ts";
import { startingQuantiles, tableQuantile } from "../../../src/quantiles/starting-quantiles.ts";

const HOUR = 3_600_000;
const START = 1_790_000_000_000 - (1_790_000_000_000 % HOUR);

/** The velocities 0 to 99 USD/s in turn, one a minute, each with a liquidation. */
function sampled(hours: number): SideBaseline {
  const baseline = new SideBaseline("BTC");
  for (let minute = 0; minute < hours * 60; minute += 1) take(baseline, minute % 100, START + minute * 60_000);
  return baseline;
}

function take(baseline: SideBaseline, velocity: number, time: number): void {
  baseline.sample(velocity, time);
  baseline.noteEvent(velocity, 1 + velocity, time);
}

describe("a side's baseline", () => {
  test("has the median of its own liquidations once there are 24 hours of them", () => {
    const baseline = sampled(24);
    expect(baseline.medianVelocity / 49).toBeCloseTo(1, 1);
    expect(baseline.medianEvents1m / 50).toBeCloseTo(1, 1);
    expect(baseline.velocityQuantile(0.99)).toBeCloseTo(98, -1);
  });

  test("counts liquidations and not minutes for the medians, and minutes for the velocity that a cascade needs", () => {
    const baseline = sampled(24);
    for (let index = 0; index < 10_000; index += 1) baseline.noteEvent(9_000, 500, START + 23 * HOUR + 1);
    expect(baseline.medianVelocity / 9_000).toBeCloseTo(1, 1);
    expect(baseline.velocityQuantile(0.99)).toBeCloseTo(98, -1);
    for (let index = 0; index < 10_000; index += 1) baseline.sample(0, START + 23 * HOUR + 1);
    expect(baseline.medianEvents1m / 500).toBeCloseTo(1, 1);
    expect(baseline.velocityQuantile(0.4)).toBe(0);
  });

  test("has the starting quantiles with less", () => {
    const baseline = sampled(23);
    expect([baseline.medianVelocity, baseline.medianEvents1m]).toEqual([240, 5]);
    expect(baseline.velocityQuantile(0.99)).toBe(25_000);
  });

  test("has the starting medians where it has few liquidations, however long it is known", () => {
    const baseline = new SideBaseline("BTC");
    for (let hour = 0; hour < 48; hour += 1) baseline.sample(0, START + hour * HOUR);
    for (let index = 0; index < 49; index += 1) baseline.noteEvent(1, 1, START + 47 * HOUR);
    expect(baseline.medianVelocity).toBe(240);
    baseline.noteEvent(1, 1, START + 47 * HOUR);
    expect(baseline.medianVelocity).toBeCloseTo(1, 1);
  });

  test("forgets what is over seven days old", () => {
    const baseline = sampled(24);
    for (let hour = 0; hour < 7 * 24; hour += 1) for (let n = 0; n < 2; n += 1) take(baseline, 1000, START + (24 + hour) * HOUR);
    expect(baseline.hours).toBe(168);
    expect(baseline.medianVelocity / 1_000).toBeCloseTo(1, 1);
  });

  test("comes back hour by hour from what was stored", () => {
    const baseline = sampled(24);
    const restored = new SideBaseline("BTC");
    for (let hour = 0; hour < 24; hour += 1) {
      expect(restored.restore(JSON.parse(JSON.stringify(baseline.hourOf(START + hour * HOUR))))).toBe(true);
    }
    expect(restored.velocityQuantile(0.9)).toBe(baseline.velocityQuantile(0.9));
    expect([restored.medianVelocity, restored.medianEvents1m]).toEqual([baseline.medianVelocity, baseline.medianEvents1m]);
    expect(restored.restore({ hour: START, velocity: null, eventVelocity: {}, eventCount: {} })).toBe(false);
  });
});

describe("the starting table", () => {
  test("goes straight between its points, from nothing on", () => {
    const table = [
      [0.5, 100],
      [1, 300],
    ] as const;
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => tableQuantile(table, share))).toEqual([0, 50, 100, 200, 300]);
  });

  test("rises for every symbol, and is smaller for smaller ones", () => {
    for (const symbol of ["BTC", "ETH", "SOL", "PEPE"]) {
      const table = startingQuantiles(symbol).velocity;
      const values = table.map(([, value]) => value);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      expect(table.at(-1)?.[0]).toBe(1);
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
        for (const { value, time } of hourly) take(baseline, value, time);
        const last = new SideBaseline("BTC");
        for (const { value, time } of hourly.slice(-168)) take(last, value, time);
        expect(baseline.hours).toBe(last.hours);
        expect(baseline.isSilent).toBe(false);
        expect(baseline.velocityQuantile(share)).toBe(last.velocityQuantile(share));
        expect([baseline.medianVelocity, baseline.medianEvents1m]).toEqual([last.medianVelocity, last.medianEvents1m]);
      }),
      { numRuns: 50 },
    );
  });

  test("does not depend on the order of its hours", () => {
    const [forwards, backwards] = [sampled(48), new SideBaseline("BTC")];
    for (let minute = 48 * 60 - 1; minute >= 0; minute -= 1) take(backwards, minute % 100, START + minute * 60_000);
    expect(backwards.hourOf(START + 5 * HOUR)).toEqual(forwards.hourOf(START + 5 * HOUR));
    expect(backwards.medianVelocity).toBe(forwards.medianVelocity);
  });

  test("replaces an hour that is restored twice", () => {
    const baseline = sampled(24);
    const [hour, before] = [baseline.hourOf(START), baseline.medianVelocity];
    baseline.restore(hour);
    expect(baseline.medianVelocity).toBe(before);
    expect(baseline.hours).toBe(24);
  });
});
