import { describe, expect, test } from "vitest";
import { MAX_ATTEMPTS, nextWait } from "../../../src/webhooks/retry-schedule.ts";

describe("the wait before the next attempt", () => {
  test("follows the schedule, with up to a tenth on top, and ends after ten attempts", () => {
    const waits = Array.from({ length: MAX_ATTEMPTS }, (_, made) => nextWait(made + 1, null, () => 0));
    expect(waits).toEqual([5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000, null]);
    expect(nextWait(1, null, () => 0.999_9)).toBe(5_500);
  });

  test("is what the receiver asks for, from a second to the wait of the schedule", () => {
    expect([0, 2_500, 10 * 86_400_000].map((asked) => nextWait(5, asked, () => 0))).toEqual([1_000, 2_500, 18_000_000]);
  });

  test("is at most five minutes at first, also where the receiver asks for a day", () => {
    expect([1, 2].map((attempts) => nextWait(attempts, 86_400_000, () => 0))).toEqual([300_000, 300_000]);
  });

  test("is none after the last attempt, whatever is asked for", () => {
    expect(nextWait(MAX_ATTEMPTS, 1_000, () => 0)).toBeNull();
  });
});
