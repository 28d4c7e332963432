import { expect, test } from "vitest";
import { isScreen, isVisit } from "../../src/is-screen.ts";

const asks = (path: string, method = "GET") => isScreen({ method, url: `https://example.com${path}` });

test.each(["/cascades", "/cascades/BTC-long-1", "/status?symbol=BTC", "/data/", "/rules"])("%s is a screen", (path) => {
  expect(asks(path)).toBe(true);
});

test.each(["/", "/v1/status", "/docs", "/cascades/a/b", "/ready", "/statuses", "/rule"])("%s is none", (path) => {
  expect(asks(path)).toBe(false);
});

test("only reads are for a screen", () => {
  expect([asks("/data", "HEAD"), asks("/data", "POST")]).toEqual([true, false]);
});

const visits = (path: string, mode = "navigate", method = "GET") =>
  isVisit({ method, url: `https://example.com${path}`, headers: new Headers({ "Sec-Fetch-Mode": mode }) });

test("an address outside the API that a browser opens is a visit, and no request of a program is", () => {
  expect(["/live", "/cascades/a/b", "/dashboard.html"].map((path) => visits(path))).toEqual([true, true, true]);
  expect([visits("/v1/no-such-thing"), visits("/live", "cors"), visits("/live", "navigate", "POST")]).toEqual([false, false, false]);
});
