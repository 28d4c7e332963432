import { describe, expect, test } from "vitest";
import { ANALYSTS, calibrationError } from "../../../scripts/measure/calibration.ts";
import { coverage } from "../../../scripts/measure/intervals.ts";
import { WITHOUT_EDGE, everUnmuted, medianToMuteAgain, medianToUnmute, withEdge } from "../../../scripts/measure/mute-rule.ts";

const namesOf = (cases: object) => Object.keys(cases).map((name) => ({ name }));

describe("the mute rule on simulated records", () => {
  test.each(namesOf(WITHOUT_EDGE))("un-mutes at most one in 20 without an edge within 1,000 episodes: $name", ({ name }) => {
    expect(everUnmuted(1, 300, 1_000, WITHOUT_EDGE[name as keyof typeof WITHOUT_EDGE])).toBeLessThanOrEqual(0.05);
  });

  test("un-mutes half of those with an edge of 12 ± 60 bps within 250 episodes", () => {
    expect(medianToUnmute(1, 800, withEdge)).toBeLessThanOrEqual(250);
  });

  test("mutes again within 250 episodes after the edge has turned, however long it lasted", () => {
    expect(medianToMuteAgain(1, 30, 2_000)).toBeLessThanOrEqual(250);
  });
});

describe("95 % intervals on simulated records", () => {
  // npm run measure finds 93 to 97 % over more records; these few leave an error of 1.2 % over all, and 2.5 % of each.
  test("hold the truth at 1 h and 24 h, of three analysts", () => {
    const found = [coverage(2, 80, 45, "fades", "1h"), coverage(2, 80, 45, "buys", "1h"), coverage(2, 80, 45, "leans", "24h")];
    const shares = found.flatMap(({ hitRate, meanReturn }) => [hitRate, meanReturn]);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0.9);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThanOrEqual(0.925);
    expect(mean).toBeLessThanOrEqual(0.985);
  });

  test("for independent decisions hold it less than two times in three at 24 h", () => {
    expect(coverage(2, 40, 45, "buys", "24h").hitRateIfIndependent).toBeLessThan(0.66);
  });
});

test.each(namesOf(ANALYSTS))("calibrated probabilities come nearer to the truth than stated ones: $name", ({ name }) => {
  const { calibrated, stated } = calibrationError(1, 60, 100, ANALYSTS[name as keyof typeof ANALYSTS]);
  expect(calibrated).toBeLessThan(stated);
});
