import { expect, test } from "vitest";
import { pageState, pageTrouble } from "../../../dashboard/src/screens/status/change-log-text.ts";

const HOUR_MS = 3_600_000;
const TIME = Date.UTC(2026, 10, 29, 1);
const good = { checked_time: TIME - HOUR_MS, error: null, failing_since: null };

test("a page that is read is no trouble", () => {
  expect([pageState(good, TIME), pageTrouble(good, TIME)]).toEqual(["read", null]);
});

test("a page that fails says since when, why, and when it was last read", () => {
  const failing = { ...good, error: "HTTP 403", failing_since: TIME - 25 * HOUR_MS };
  expect(pageTrouble(failing, TIME)).toBe(
    "not read for 1 d 1 h, since 2026-11-28 00:00:00 UTC: HTTP 403. It was last read 2026-11-29 00:00:00 UTC.",
  );
  expect(pageTrouble({ ...failing, checked_time: null }, TIME)).toMatch(/: HTTP 403\. It was never read\.$/);
});

test("a page without any attempt, or without one for two days, is not read either", () => {
  expect(pageTrouble({ ...good, checked_time: null }, TIME)).toBe("never read at this address: no attempt was made yet.");
  expect(pageState({ ...good, checked_time: TIME - 48 * HOUR_MS }, TIME)).toBe("overdue");
  expect(pageTrouble({ ...good, checked_time: TIME - 48 * HOUR_MS }, TIME)).toMatch(/^not read for 2 d, since .*no attempt was made/);
});
