import { describe, expect, test } from "vitest";
import { okx } from "../../../../src/exchanges/okx/okx.ts";
import { kindsOf, readFrame, scopeOf } from "../frame-reading.ts";

const ENDPOINTS = { ws: "http://venue.test", rest: "http://rest.test" };
const DETAIL = { bkLoss: "0", bkPx: "80000.5", ccy: "", posSide: "long", side: "sell", sz: "12.5", ts: "1795000000000" };

function group(instId: string, ...details: readonly unknown[]): object {
  const family = instId.replace("-SWAP", "");
  return { details, instFamily: family, instId, instType: "SWAP", uly: family };
}

function liquidations(...data: readonly unknown[]): object {
  return { arg: { channel: "liquidation-orders", instType: "SWAP" }, data };
}

const pageOf = (...times: readonly number[]) => ({
  code: "0",
  data: [group("BTC-USDT-SWAP", ...times.map((time) => ({ ...DETAIL, ts: String(time) })))],
});

describe("backfill over REST", () => {
  const scope = scopeOf(okx, ["BTC"]);

  test("asks once an underlying, from the end of the gap back", () => {
    expect(okx.backfill.requests(scope, ENDPOINTS, 1000, 2000)).toEqual([
      "http://rest.test/api/v5/public/liquidation-orders?instType=SWAP&uly=BTC-USDT&state=filled&after=2001",
      "http://rest.test/api/v5/public/liquidation-orders?instType=SWAP&uly=BTC-USD&state=filled&after=2001",
    ]);
  });

  test("reads the same events as the stream, under the same ids", () => {
    const rest = { code: "0", data: [{ ...group("BTC-USDT-SWAP", { ...DETAIL, time: DETAIL.ts }), totalLoss: "0" }], msg: "" };
    expect(okx.backfill.read(rest, scope)).toEqual(readFrame(okx, liquidations(group("BTC-USDT-SWAP", DETAIL)), scope));
  });

  test.each([[null], [{ code: "51000", msg: "Parameter error" }]])("%j is an error", (body) => {
    expect(kindsOf(okx.backfill.read(body, scope))).toEqual(["error"]);
  });

  const url = "http://rest.test/api/v5/public/liquidation-orders?instType=SWAP&uly=BTC-USDT&state=filled&after=2001";
  test("pages on from the oldest row, its own millisecond included, until the gap's start", () => {
    expect(okx.backfill.next(url, pageOf(1900, 1500, 1800), 1000)).toBe(url.replace("2001", "1501"));
    expect(okx.backfill.next(url.replace("2001", "1501"), pageOf(1500), 1000)).toBe(url.replace("2001", "1500"));
    expect(okx.backfill.next(url, pageOf(1900, 900), 1000)).toBeNull();
  });

  test.each([
    ["an empty page", pageOf()],
    ["rows of the page before again", pageOf(2001)],
    ["an error", { code: "1" }],
    ["nothing", null],
  ])("ends on %s", (_, body) => {
    expect(okx.backfill.next(url, body, 1000)).toBeNull();
  });
});
