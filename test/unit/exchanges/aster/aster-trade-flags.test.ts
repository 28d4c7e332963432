import { expect, test } from "vitest";
import { aster } from "../../../../src/exchanges/aster/aster.ts";
import { RECEIVED_TIME, scopeOf } from "../frame-reading.ts";

const trade = (X: unknown, changes: object = {}) =>
  JSON.stringify({
    stream: "btcusdt@trade",
    data: { e: "trade", E: RECEIVED_TIME, T: RECEIVED_TIME - 4, s: "BTCUSDT", t: 1, p: "84000.1", q: "0.01", X, m: true, ...changes },
  });

function session() {
  const decoder = aster.createDecoder(scopeOf(aster, "*"));
  return (text: string, afterMs = 0) =>
    decoder.decode(text, RECEIVED_TIME + afterMs).map((message) => (message.kind === "adl" ? message.state : message.kind));
}

test("each flag of a trade is a state of its contract", () => {
  expect(aster.createDecoder(scopeOf(aster, "*")).decode(trade("ADL"), RECEIVED_TIME)).toEqual([
    {
      kind: "adl",
      instrument: "BTCUSDT",
      state: "adl",
      insuranceFund: null,
      currency: null,
      time: RECEIVED_TIME - 4,
      validMs: 60_000,
    },
  ]);
  for (const [flag, state] of [
    ["MARKET", "normal"],
    ["NA", "normal"],
    ["INSURANCE_FUND", "insurance_fund"],
  ] as const)
    expect(session()(trade(flag))).toEqual([state]);
});

test("of ordinary trades one in five seconds is read, of flagged ones each", () => {
  const read = session();
  expect([read(trade("MARKET")), read(trade("MARKET"), 4_999), read(trade("MARKET"), 5_000)]).toEqual([["normal"], [], ["normal"]]);
  expect(read(trade("INSURANCE_FUND"), 5_001)).toEqual(["insurance_fund"]);
  expect(read(trade("ADL"), 5_002)).toEqual(["adl"]);
  expect(read(trade("ADL"), 6_000), "deleveraging goes on").toEqual(["adl"]);
  expect([read(trade("MARKET"), 9_999), read(trade("NA"), 10_000)]).toEqual([[], ["normal"]]);
  expect(read(trade("MARKET"), 9_999), "after a clock that went back").toEqual(["normal"]);
});

test("malformed trades are rejects, those of no contract of the table nothing, and what follows is read", () => {
  const read = session();
  expect(read(trade("SAD"))).toEqual(["reject"]);
  expect(read(trade("ADL", { s: 7 }))).toEqual(["reject"]);
  expect(read('{"stream":"btcusdt@trade","data":{"X":"MARKET"')).toEqual(["reject"]);
  expect(read(trade("ADL", { s: "NOBODYUSDT" }))).toEqual([]);
  expect(read(trade("ADL"))).toEqual(["adl"]);
  const order = {
    s: "BTCUSDT",
    S: "SELL",
    o: "LIMIT",
    f: "IOC",
    q: "1",
    p: "84000",
    ap: "84000",
    X: "FILLED",
    l: "1",
    z: "1",
    T: RECEIVED_TIME,
  };
  expect(read(JSON.stringify({ stream: "btcusdt@forceOrder", data: { e: "forceOrder", E: RECEIVED_TIME, o: order } }))).toEqual([
    "liquidation",
  ]);
});

test("trades are asked for in a frame of their own, with all symbols those of the contracts with market streams", () => {
  const [plan] = aster.sockets(scopeOf(aster, "*"), aster.endpoints);
  expect(plan?.topicsInAddress?.join()).not.toContain("@trade");
  expect(JSON.parse(plan?.subscribe[1] ?? "").params).toEqual(["btcusdt@trade", "ethusdt@trade", "solusdt@trade"]);
  const refused = JSON.stringify({ code: 2, msg: "unknown stream", id: 999_999 });
  expect(session()(refused), "a refusal ends nothing").toEqual(["error"]);
});
