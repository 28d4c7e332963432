import { expect, test } from "vitest";
import { gapText, openGapText } from "../../../dashboard/src/parts/gap-text.ts";

const TIME = Date.UTC(2026, 10, 28, 12);
const gap = { exchange: "bybit", from_time: TIME, to_time: TIME + 42_000, reason: "disconnected" };

test("a gap says how long it was, or since when it lasts", () => {
  expect(gapText(gap)).toBe("bybit was not covered for 42 s from 2026-11-28 12:00:00 UTC: the connection was cut.");
  expect(gapText({ ...gap, to_time: null })).toBe("bybit was not covered since 2026-11-28 12:00:00 UTC: the connection was cut.");
  expect(openGapText(gap, TIME + 5_000)).toBe("gap 5 s");
});

test("the time before collection began has an end, and no length or beginning", () => {
  const before = { ...gap, from_time: 0, to_time: TIME, reason: "not_started" };
  expect(gapText(before)).toBe("bybit was not covered until 2026-11-28 12:00:00 UTC: collection had not started.");
  expect(gapText({ ...before, to_time: null })).toBe("bybit has not been covered yet: collection had not started.");
  expect(openGapText(before, TIME)).toBe("not started");
});
