import { expect, test } from "vitest";
import { AdlTracker } from "../../../src/adl/adl-tracker.ts";
import type { FeedMessage, Instrument } from "../../../src/exchanges/exchange.ts";
import { aster } from "../../../src/exchanges/aster/aster.ts";
import { okx } from "../../../src/exchanges/okx/okx.ts";
import { captureLines, readFrame, scopeOf } from "../exchanges/frame-reading.ts";

type AdlMessage = Extract<FeedMessage, { readonly kind: "adl" }>;

const START = 1_795_000_000_000;
const listed = new Map(okx.fallbackInstruments.map((one): readonly [string, Instrument] => [one.instrument, one]));
const tracker = () => new AdlTracker("states", (name) => listed.get(name));

const told = (state: AdlMessage["state"], time: number, changes: Partial<AdlMessage> = {}): AdlMessage => ({
  kind: "adl",
  instrument: "BTC-USDT-SWAP",
  state,
  insuranceFund: 100,
  currency: "USDT",
  time,
  validMs: 15_000,
  ...changes,
});

test("a state keeps its beginning while the venue publishes it, and ages out where it does not", () => {
  const one = tracker();
  one.note(told("normal", START), START);
  one.note(told("warning", START + 1_000), START + 1_100);
  one.note(told("warning", START + 2_000), START + 2_100);
  const [contract] = one.contracts(START + 2_200);
  expect(contract).toMatchObject({
    symbol: "BTC",
    state: "warning",
    since: START + 1_000,
    covered_since: START,
    received_time: START + 2_100,
    valid_until: START + 17_100,
    insurance_fund: 100,
  });
  expect(one.contracts(START + 17_100)[0]?.state, "on its last millisecond").toBe("warning");
  expect(one.contracts(START + 17_101)[0]).toMatchObject({ state: null, since: null, insurance_fund: null, received_time: START + 2_100 });
  expect(one.changedTime).toBe(START + 17_101);
  one.note(told("warning", START + 30_000), START + 30_000);
  expect(one.contracts(START + 30_000)[0]).toMatchObject({ since: START + 30_000, covered_since: START + 30_000 });
});

test("what is no rise is no news, what is one waits until the hub has it", () => {
  const one = tracker();
  one.note(told("normal", START), START);
  one.note(told("normal", START + 1), START + 1);
  expect([one.rises, one.changedTime]).toEqual([[], null]);
  one.note(told("warning", START + 2), START + 2);
  one.note(told("adl", START + 3), START + 3);
  one.note(told("normal", START + 4), START + 4);
  const { rises } = one;
  expect(rises.map(({ state, previous_state, since }) => [state, previous_state, since])).toEqual([
    ["warning", "normal", START + 2],
    ["adl", "warning", START + 3],
  ]);
  expect(one.changedTime, "the all-clear is news").toBe(START + 4);
  one.note(told("adl", START + 5), START + 5);
  one.taken(rises);
  expect(one.rises.map(({ since }) => since)).toEqual([START + 5]);
});

test("a restart keeps a warning and what the hub does not have; a contract outside the table is not kept", () => {
  const one = tracker();
  one.note(told("warning", START), START);
  one.note(told("normal", START, { instrument: "ETH-USDT-SWAP" }), START);
  one.note(told("adl", START, { instrument: "NOBODY-USDT-SWAP" }), START);
  const again = tracker();
  again.restore(JSON.parse(JSON.stringify(one.snapshot())));
  again.note(told("warning", START + 5_000), START + 5_000);
  expect(again.contracts(START + 5_000)).toMatchObject([{ instrument: "BTC-USDT-SWAP", since: START }]);
  expect(again.rises).toEqual(one.rises);
  expect(again.changedTime).toBe(START);
  again.restore(undefined);
});

/** Aster's trades of BTC over any number of sessions, one state behind the other. */
function asterFeed() {
  const { instruments } = scopeOf(aster, "*");
  const one = new AdlTracker("trade_flags", (name) => instruments.get(name));
  const open = () => {
    const decoder = aster.createDecoder(scopeOf(aster, "*"));
    return (flag: string, afterMs: number) => {
      const time = START + afterMs;
      const data = { e: "trade", E: time, T: time, s: "BTCUSDT", t: 1, p: "84000.1", q: "0.01", X: flag, m: true };
      for (const message of decoder.decode(JSON.stringify({ stream: "btcusdt@trade", data }), time))
        if (message.kind === "adl") one.note(message, time);
      return stateAt(afterMs);
    };
  };
  const stateAt = (afterMs: number) => one.contracts(START + afterMs)[0]?.state;
  return { one, open, stateAt };
}

test("a flagged trade counts for its minute, whatever ordinary trades another session reads", () => {
  const { one, open, stateAt } = asterFeed();
  const [first, second] = [open(), open()];
  expect(first("MARKET", 0)).toBe("normal");
  expect(first("ADL", 1_000)).toBe("adl");
  expect(second("MARKET", 3_000), "after a reconnect").toBe("adl");
  expect(first("ADL", 4_000), "deleveraging goes on").toBe("adl");
  expect(second("INSURANCE_FUND", 30_000)).toBe("adl");
  for (const afterMs of [60_000, 63_000, 64_000]) expect(first("MARKET", afterMs)).toBe("adl");
  expect(one.changedTime, "no other change since").toBe(START + 1_000);
  expect(stateAt(64_001), "then the fund's minute").toBe("insurance_fund");
  expect(second("MARKET", 65_000)).toBe("insurance_fund");
  expect(stateAt(90_001), "then ordinary trades").toBe("normal");
  expect(one.contracts(START + 90_002)).toMatchObject([{ since: START + 90_000, covered_since: START, received_time: START + 65_000 }]);
  expect(one.changedTime).toBe(START + 90_001);
  expect(one.rises.map(({ state }) => state)).toEqual(["adl"]);
  expect(stateAt(125_001), "without any trade nothing is known").toBeNull();
});

test("a flagged trade counts over a restart, and not after a clock that went back", () => {
  const { one, open } = asterFeed();
  open()("ADL", 0);
  const again = asterFeed();
  again.one.restore(JSON.parse(JSON.stringify(one.snapshot())));
  expect([again.open()("MARKET", 2_000), again.open()("MARKET", -600_000)]).toEqual(["adl", "normal"]);
});

test.runIf(captureLines("okx-adl-warning.jsonl") !== null)(
  "the captured warning, named as a swap, is the fund and state of its contract",
  () => {
    const [line = ""] = captureLines("okx-adl-warning.jsonl") ?? [];
    expect(readFrame(okx, line), "a dated future's").toEqual([]);
    const one = tracker();
    for (const message of readFrame(okx, line.replaceAll('"FUTURES"', '"SWAP"'))) if (message.kind === "adl") one.note(message, START);
    expect(one.contracts(START)).toMatchObject([
      {
        instrument: "BTC-USDT-SWAP",
        state: "normal",
        since: 1_700_210_763_001,
        insurance_fund: 280_784_384.956_422_8,
        insurance_fund_currency: "USDT",
      },
    ]);
  },
);
