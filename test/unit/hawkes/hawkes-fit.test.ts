import { describe, expect, test } from "vitest";
import { fitHawkes } from "../../../src/hawkes/hawkes-fit.ts";
import { seededRandom, simulateHawkes } from "./ogata-thinning.ts";

const FROM = 1_790_000_000_000;

function fitOf(seconds: readonly number[], end: number) {
  return fitHawkes(
    seconds.map((time) => FROM + time * 1000),
    { start: FROM, end: FROM + end * 1000 },
  );
}

describe("the fit", () => {
  test("finds the branching ratio of simulated events within two standard errors in at least 90 of 100 runs", () => {
    const truth = { base: 0.2, jump: 0.6, decay: 1 };
    let within = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const fit = fitOf(simulateHawkes(truth, 3000, seededRandom(seed)), 3000);
      if (fit?.standardError != null && Math.abs(fit.branchingRatio - 0.6) <= 2 * fit.standardError) within += 1;
    }
    expect(within).toBeGreaterThanOrEqual(90);
  });

  test.each([
    { base: 0.02, jump: 0.02, decay: 0.1 },
    { base: 0.5, jump: 4.5, decay: 5 },
    { base: 1, jump: 0.2, decay: 2 },
  ])("finds %o", (truth) => {
    const end = 40_000 / (truth.base * 10);
    const fit = fitOf(simulateHawkes(truth, end, seededRandom(7)), end);
    const error = fit?.standardError ?? 0;
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.2);
    expect(Math.abs((fit?.branchingRatio ?? Infinity) - truth.jump / truth.decay)).toBeLessThan(3 * error);
  });

  test("of events by chance alone is never null or negative, and within two standard errors of 0 in at least 90 of 100 runs", () => {
    let within = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seededRandom(seed);
      const fit = fitOf(
        Array.from({ length: 300 + 10 * seed }, () => random() * 86_400),
        86_400,
      );
      expect(fit?.branchingRatio).toBeGreaterThanOrEqual(0);
      expect(fit?.branchingRatio).toBeLessThan(0.5);
      if (fit !== null && fit.branchingRatio <= 2 * fit.standardError) within += 1;
    }
    expect(within).toBeGreaterThanOrEqual(90);
  });

  test("of a rate that drifts over the day, where no event sets off another, is within two standard errors of 0", () => {
    const random = seededRandom(6);
    const times = Array.from({ length: 10_000 }, () => random() * 86_400).filter(
      (time) => random() < 0.2 + 0.8 * Math.max(0, Math.sin((2 * Math.PI * time) / 86_400)),
    );
    expect(times.length).toBeGreaterThan(2000);
    const fit = fitOf(times, 86_400);
    expect(fit?.branchingRatio).toBeLessThanOrEqual(2 * (fit?.standardError ?? 0));
  });

  test("takes a stretch that was not covered for no quiet: the rate beside it is no clustering", () => {
    const random = seededRandom(11);
    const gaps = Array.from({ length: 90 }, (_, index) => ({ start: FROM + index * 960_000, end: FROM + index * 960_000 + 700_000 }));
    const times = Array.from({ length: 20_000 }, () => FROM + random() * 86_400_000).filter(
      (time) => !gaps.some(({ start, end }) => time >= start && time <= end),
    );
    const observed = { start: FROM, end: FROM + 86_400_000 };
    const [aware, unaware] = [fitHawkes(times, observed, gaps), fitHawkes(times, observed)];
    expect(aware?.branchingRatio).toBeLessThanOrEqual(2 * (aware?.standardError ?? 0));
    expect(unaware === null || unaware.branchingRatio > 0.2).toBe(true);
  });

  test("takes whole batches at one moment for no excitement, so that pairs at random times have none", () => {
    const random = seededRandom(8);
    const times = Array.from({ length: 500 }, () => Math.floor(random() * 86_400_000) / 1000).flatMap((time) => [time, time]);
    const fit = fitOf(times, 86_400);
    expect(fit?.branchingRatio).toBeLessThan(0.2);
  });

  test("is null under 200 events in the stretch", () => {
    const times = simulateHawkes({ base: 0.2, jump: 0.6, decay: 1 }, 3000, seededRandom(1));
    expect(fitOf(times.slice(0, 199), 3000)).toBeNull();
    expect(fitOf(times.slice(0, 200), 3000)).not.toBeNull();
    expect(
      fitOf(
        times.map((time) => time + 3000),
        3000,
      ),
    ).toBeNull();
    expect(fitOf([], 3000)).toBeNull();
  });

  test("does not depend on the order of the events", () => {
    const times = simulateHawkes({ base: 0.2, jump: 0.6, decay: 1 }, 3000, seededRandom(2));
    expect(fitOf(times.toReversed(), 3000)).toEqual(fitOf(times, 3000));
  });

  test("fits the newest 10,000 events of a busy day, over the stretch that they cover", () => {
    const random = seededRandom(5);
    const many = Array.from({ length: 25_000 }, () => random() * 86_400);
    const busy = fitOf(many, 86_400);
    expect(busy?.events).toBe(10_000);
    // The stretch shrinks with the events: no rise reads as clustering.
    expect(busy?.branchingRatio).toBeLessThan(0.05);
  });

  test("is null where all events share a time", () => {
    const together = fitOf(
      Array.from({ length: 300 }, () => 50),
      100,
    );
    expect(together).toBeNull();
  });
});
