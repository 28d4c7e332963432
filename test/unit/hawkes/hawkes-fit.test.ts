import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitHawkes } from "../../../src/hawkes/hawkes-fit.ts";
import { type HawkesParameters, hawkesLikelihood } from "../../../src/hawkes/likelihood.ts";
import { seededRandom, simulateHawkes } from "./ogata-thinning.ts";

const FROM = 1_790_000_000_000;

function fitOf(seconds: readonly number[], end: number) {
  return fitHawkes(
    seconds.map((time) => FROM + time * 1000),
    FROM,
    FROM + end * 1000,
  );
}

/** The likelihood by its definition, every pair of events counted. */
function naiveLikelihood(times: readonly number[], end: number, { base, jump, decay }: HawkesParameters): number {
  const intensity = (t: number) =>
    times.filter((other) => other < t).reduce((sum, other) => sum + jump * Math.exp(-decay * (t - other)), base);
  const integral = base * end + times.reduce((sum, time) => sum + (jump / decay) * (1 - Math.exp(-decay * (end - time))), 0);
  return times.reduce((sum, time) => sum + Math.log(intensity(time)), 0) - integral;
}

const parameters = fc.record({
  base: fc.double({ min: 0.05, max: 2, noNaN: true }),
  jump: fc.double({ min: 0.05, max: 2, noNaN: true }),
  decay: fc.double({ min: 0.1, max: 3, noNaN: true }),
});
const someTimes = fc
  .uniqueArray(fc.integer({ min: 1, max: 99_999 }), { minLength: 2, maxLength: 40 })
  .map((drawn) => drawn.toSorted((a, b) => a - b).map((ms) => ms / 1000));

describe("the recursive likelihood", () => {
  test("of two events a second apart, worked by hand", () => {
    // λ: 1, then 1 + 0.5·e^−2; integral: 3 + 0.25·((1 − e^−4) + (1 − e^−2)).
    const { value } = hawkesLikelihood(Float64Array.of(1, 2), 3, { base: 1, jump: 0.5, decay: 2 });
    expect(value).toBeCloseTo(Math.log(1 + 0.5 * Math.exp(-2)) - 3 - 0.25 * (2 - Math.exp(-4) - Math.exp(-2)), 12);
  });

  test("equals the sum over all pairs", () => {
    fc.assert(
      fc.property(someTimes, parameters, (times, at) => {
        expect(hawkesLikelihood(Float64Array.from(times), 100, at).value).toBeCloseTo(naiveLikelihood(times, 100, at), 6);
      }),
    );
  });

  test("has the slopes and curvatures that differences of it have", () => {
    fc.assert(
      fc.property(someTimes, parameters, (drawn, at) => {
        const times = Float64Array.from(drawn);
        const { gradient, hessian } = hawkesLikelihood(times, 100, at);
        const names = ["base", "jump", "decay"] as const;
        const [xx, xy, xz, yy, yz, zz] = hessian;
        const rows = [
          [xx, xy, xz],
          [xy, yy, yz],
          [xz, yz, zz],
        ];
        names.forEach((name, index) => {
          const step = 1e-5 * at[name];
          const up = hawkesLikelihood(times, 100, { ...at, [name]: at[name] + step });
          const down = hawkesLikelihood(times, 100, { ...at, [name]: at[name] - step });
          const scale = 1 + Math.abs(up.value);
          expect(((up.value - down.value) / (2 * step) - (gradient[index] ?? 0)) / scale).toBeCloseTo(0, 3);
          names.forEach((_, other) => {
            const curvature = ((up.gradient[other] ?? 0) - (down.gradient[other] ?? 0)) / (2 * step);
            expect((curvature - (rows[index]?.[other] ?? 0)) / (1 + Math.abs(curvature))).toBeCloseTo(0, 3);
          });
        });
      }),
    );
  });
});

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
    { base: 0.02, jump: 0.004, decay: 0.02 },
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

  test("has its top where the slope is nil", () => {
    const times = simulateHawkes({ base: 0.3, jump: 0.5, decay: 1.5 }, 2000, seededRandom(3));
    const fit = fitOf(times, 2000);
    if (fit === null) throw new Error("no fit");
    const { gradient } = hawkesLikelihood(Float64Array.from(times), 2000, fit);
    gradient.forEach((slope) => expect(Math.abs(slope)).toBeLessThan(0.1));
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

  test("finds no likelier parameters elsewhere", () => {
    const times = simulateHawkes({ base: 0.1, jump: 0.3, decay: 0.5 }, 4000, seededRandom(4));
    const fit = fitOf(times, 4000);
    if (fit === null) throw new Error("no fit");
    const top = hawkesLikelihood(Float64Array.from(times), 4000, fit).value;
    fc.assert(
      fc.property(parameters, (other) => {
        expect(hawkesLikelihood(Float64Array.from(times), 4000, other).value).toBeLessThanOrEqual(top + 1e-4);
      }),
    );
  });

  test("is null where the rate drifts over the day and no event sets off another", () => {
    const random = seededRandom(6);
    const times = Array.from({ length: 10_000 }, () => random() * 86_400).filter(
      (time) => random() < 0.2 + 0.8 * Math.max(0, Math.sin((2 * Math.PI * time) / 86_400)),
    );
    expect(times.length).toBeGreaterThan(2000);
    expect(fitOf(times, 86_400)).toBeNull();
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

  test("fits the newest 20,000 events of a busy day, over the stretch that they cover", () => {
    const random = seededRandom(5);
    const many = Array.from({ length: 25_000 }, () => random() * 86_400);
    const busy = fitOf(many, 86_400);
    expect(busy?.events).toBe(20_000);
    // The stretch shrinks with the events: the rate is the day's.
    expect((busy?.base ?? 0) / (1 - (busy?.branchingRatio ?? 0))).toBeCloseTo(25_000 / 86_400, 2);
  });

  test("is null where all events share a time", () => {
    const together = fitOf(
      Array.from({ length: 300 }, () => 50),
      100,
    );
    expect(together).toBeNull();
  });
});
