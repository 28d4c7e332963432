import { describe, expect, test } from "vitest";
import { measureFalseFades, measureTurns } from "../../../scripts/measure/fade-rule.ts";

describe("the rules on simulated markets", () => {
  test("fade at least four of five flushes of 150 bps that turn, because they are asked again then", { timeout: 120_000 }, async () => {
    const { turned, faded, fadedWithoutTurns } = await measureTurns(3, 4);
    expect(turned).toBeGreaterThanOrEqual(5);
    expect(faded / turned).toBeGreaterThanOrEqual(0.8);
    expect(fadedWithoutTurns / turned).toBeLessThan(0.2);
  });

  test("fade nothing where nothing was planted", async () => {
    expect((await measureFalseFades(3, 2)).fades).toBe(0);
  });
});
