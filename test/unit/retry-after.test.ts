import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../src/retry-after.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

describe("Retry-After", () => {
  test("in seconds becomes milliseconds", () => {
    expect(retryAfterMs(" 120 ", NOW)).toBe(120_000);
    expect(retryAfterMs("0", NOW)).toBe(0);
  });

  test("as a date becomes the time until then, none where it is past", () => {
    expect(retryAfterMs("Sun, 22 Nov 2026 12:00:30 GMT", NOW)).toBe(30_000);
    expect(retryAfterMs("Sun, 22 Nov 2026 11:59:00 GMT", NOW)).toBe(0);
  });

  test("is unknown where it is missing or cannot be read", () => {
    expect(retryAfterMs(null, NOW)).toBeNull();
    expect(retryAfterMs("", NOW)).toBeNull();
    expect(retryAfterMs("soon", NOW)).toBeNull();
  });
});
