import { expect, test } from "vitest";
import { okx } from "../../../../src/exchanges/okx/okx.ts";
import { bounded } from "../../../../src/exchanges/bounded.ts";
import { kindsOf, readFrame, RECEIVED_TIME, scopeOf } from "../frame-reading.ts";

/** The row of the venue's documents, with the state of a family of swaps. */
const row = (changes: object = {}) => ({
  maxBal: "",
  adlRecBal: "8000.0",
  bal: "280784384.9564228289548144",
  instType: "SWAP",
  ccy: "USDT",
  instFamily: "BTC-USDT",
  maxBalTs: "",
  adlType: "",
  state: "normal",
  adlBal: "0",
  ts: String(RECEIVED_TIME - 20),
  ...changes,
});
const frame = (...rows: readonly unknown[]) => ({ arg: { channel: "adl-warning", instType: "SWAP", instFamily: "BTC-USDT" }, data: rows });

test("a row of the documents is the state and the fund of the family's swap", () => {
  expect(readFrame(okx, frame(row()))).toEqual([
    {
      kind: "adl",
      instrument: "BTC-USDT-SWAP",
      state: "normal",
      insuranceFund: 280_784_384.956_422_8,
      currency: "USDT",
      time: RECEIVED_TIME - 20,
      validMs: 150_000,
    },
  ]);
  const [warned] = readFrame(okx, frame(row({ state: "warning", bal: "", ccy: "", ts: "" })));
  expect(warned).toMatchObject({ state: "warning", insuranceFund: null, currency: null, time: RECEIVED_TIME, validMs: 15_000 });
});

test("a malformed warning is a reject that stops none behind it, in its frame and in the session", () => {
  const rows = [null, row({ state: "sad" }), row({ state: "insurance_fund" }), row({ instFamily: 7 }), row({ state: "adl" })];
  expect(kindsOf(readFrame(okx, frame(...rows)))).toEqual(["reject", "reject", "reject", "reject", "adl"]);
  const session = bounded(okx).createDecoder(scopeOf(okx, "*"));
  const decoded = (sent: unknown) => kindsOf(session.decode(JSON.stringify(sent), RECEIVED_TIME));
  expect(decoded({ ...frame(), data: "warning" })).toEqual(["reject"]);
  expect(decoded(frame(row({ ts: String(RECEIVED_TIME + 61_000) }), row()))).toEqual(["reject", "adl"]);
  expect(decoded(frame(row({ bal: "1e300" }), row({ ccy: "a b" }), row({ bal: "-5" })))).toEqual(["reject", "reject", "adl"]);
  expect(decoded(frame(row({ instFamily: "NOBODY-USDT" }))), "of a contract outside the table nothing is kept").toEqual([]);
});

test("families of other assets, and dated futures of a family, are left out", () => {
  expect(readFrame(okx, frame(row({ instType: "FUTURES" })))).toEqual([]);
  expect(readFrame(okx, frame(row({ instFamily: "DOGE-USDT" }), row()), scopeOf(okx, ["BTC"])).length).toBe(1);
});

test("it is subscribed in a frame of its own, and a refusal ends nothing", () => {
  const [plan] = okx.sockets(scopeOf(okx, ["BTC"]), okx.endpoints);
  expect(plan?.subscribe.filter((sent) => sent.includes("adl-warning")).map((sent) => JSON.parse(sent).args)).toEqual([
    [{ channel: "adl-warning", instType: "SWAP" }],
  ]);
  expect(plan?.confirmations.has("adl-warning:SWAP")).toBe(false);
  const refused = { id: "2", event: "error", code: "60018", msg: "Wrong URL or channel:adl-warning,instType:SWAP doesn't exist." };
  expect(kindsOf(readFrame(okx, refused))).toEqual(["error"]);
});
