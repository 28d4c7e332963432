import { expect, test } from "vitest";
import { fullJitter } from "../../src/backoff.ts";

const BACKOFF = { baseMs: 1_000, capMs: 60_000 };

test("the ceiling doubles with each failure up to the cap, and the wait is anywhere below it", () => {
  const ceilings = [1, 2, 3, 7, 50].map((failures) => fullJitter(failures, BACKOFF, () => 1));
  expect(ceilings).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect(fullJitter(5, BACKOFF, () => 0)).toBe(0);
  expect(fullJitter(3, BACKOFF, () => 0.5)).toBe(2_000);
});
