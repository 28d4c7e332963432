import { expect, test } from "vitest";
import { limits, limitsOf, noteLimits } from "../../../dashboard/src/api/limits.ts";

const TIME = Date.UTC(2026, 10, 29, 6);
const answer = (policy: string, standing: string) =>
  new Headers({ Date: new Date(TIME).toUTCString(), "RateLimit-Policy": policy, RateLimit: standing });

test("the limits of a key are those that the API states in its headers, with what is left of each", () => {
  const headers = answer('"key";q=600;w=60, "day";q=10000;w=86400', '"key";r=590;t=30, "day";r=9000;t=3600');
  expect(limitsOf(headers, TIME)).toEqual([
    { policy: "key", allowed: 600, seconds: 60, left: 590, resetTime: TIME + 30_000 },
    { policy: "day", allowed: 10_000, seconds: 86_400, left: 9_000, resetTime: TIME + 3_600_000 },
  ]);
});

test("a limit of which nothing is counted has no number left, and an answer without limits states none", () => {
  const headers = new Headers({ "RateLimit-Policy": '"address";q=120;w=60' });
  expect(limitsOf(headers, TIME)).toEqual([{ policy: "address", allowed: 120, seconds: 60, left: null, resetTime: null }]);
  expect(limitsOf(new Headers(), TIME)).toEqual([]);
});

test("an old answer out of the browser's cache does not replace how the limits stand", () => {
  noteLimits(answer('"address";q=120;w=60', '"address";r=100;t=30'), TIME + 1_000);
  noteLimits(answer('"address";q=120;w=60', '"address";r=7;t=30'), TIME + 31_000);
  expect(limits.value).toMatchObject([{ left: 100 }]);
});

test("an answer of a local server, without a date, counts from when it came", () => {
  const headers = new Headers({ "RateLimit-Policy": '"key";q=600;w=60', RateLimit: '"key";r=590;t=30' });
  expect(limitsOf(headers, TIME + 5)).toMatchObject([{ left: 590, resetTime: TIME + 30_005 }]);
});
