import { describe, expect, test } from "vitest";
import { BTC_MODEL } from "../../../scripts/market-simulation/market-model.ts";
import { measureAfterJump, measurePeaks } from "../../../scripts/measure/cascade-cases.ts";

/** Other than those that `npm run measure` plays. */
const SEEDS = Array.from({ length: 20 }, (_, index) => 7_001 + index);

describe("the record of a simulated cascade", () => {
  test("has the right start, within 3 s, in 95 % of those shortly after a jump of the price", () => {
    const played = SEEDS.map((seed) => measureAfterJump(seed));
    const right = played.filter(({ wasReported, hasRightStart }) => wasReported && hasRightStart);
    expect(right.length / SEEDS.length).toBeGreaterThanOrEqual(0.95);
  });

  test.each([700, 200_000])("has the true peaks, also where one of its venues delivers %i ms late", (delayMs) => {
    const venues = BTC_MODEL.venues.map((venue) => (venue.exchange === "okx" ? { ...venue, delayMs } : venue));
    for (const seed of SEEDS) {
      const { oneSecond, fiveSeconds } = measurePeaks(seed, venues);
      expect(oneSecond).toBeCloseTo(1, 9);
      expect(fiveSeconds).toBeCloseTo(1, 9);
    }
  });
});
