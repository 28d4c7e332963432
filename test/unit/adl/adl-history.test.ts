import { expect, test } from "vitest";
import { AdlHistory } from "../../../src/adl/adl-history.ts";
import type { AdlContract, AdlRise } from "../../../src/adl/adl-state.ts";

const START = 1_795_000_000_000;
const MINUTE = 60_000;

function contract(state: AdlContract["state"], heard: number, changes: Partial<AdlContract> = {}): AdlContract {
  return {
    symbol: "BTC",
    instrument: "BTC-USDT-SWAP",
    state,
    since: heard,
    covered_since: START,
    received_time: heard,
    valid_until: heard + 15_000,
    insurance_fund: null,
    insurance_fund_currency: "USDT",
    ...changes,
  };
}

const rise = (state: AdlRise["state"], heard: number): AdlRise => ({
  ...contract(state, heard),
  state,
  since: heard,
  previous_state: "normal",
});
const statesOf = (history: AdlHistory, from: number, to: number) => history.during("BTC", from, to).map(({ state }) => state);

test("a cascade has the worst state of its own time, also one that was over before the next report", () => {
  const history = new AdlHistory();
  history.note("okx", [contract("normal", START)], [], START);
  const reported = [contract("normal", START + 5_000)];
  const rises = [rise("warning", START + 2_000), rise("adl", START + 3_000)];
  history.note("okx", reported, rises, START + 5_000);
  history.note("okx", reported, rises, START + 6_000);
  expect(statesOf(history, START, START + 1_000)).toEqual(["normal"]);
  expect(statesOf(history, START + 2_500, START + 2_600)).toEqual(["warning"]);
  expect(statesOf(history, START, Infinity)).toEqual(["adl"]);
  expect(statesOf(history, START + 6_000, Infinity)).toEqual(["normal"]);
  expect(statesOf(history, START + 5_000 + 15_001, Infinity), "nobody said what came after").toEqual([]);
  expect(history.during("ETH", START, Infinity)).toEqual([]);
});

test("the fund has the balance that the cascade began with and the lowest one in it", () => {
  const history = new AdlHistory();
  const fund = (balance: number, time: number) => {
    const told = contract(null, time, { insurance_fund: balance, insurance_fund_currency: null, valid_until: time + MINUTE, since: null });
    history.note("bitfinex", [told], [], time);
  };
  fund(50, START - 5 * MINUTE);
  for (const [n, balance] of [100, 90, 95, 97].entries()) fund(balance, START + n * 10_000);
  expect(history.during("BTC", START + 1, START + 35_000)).toEqual([
    {
      exchange: "bitfinex",
      instrument: "BTC-USDT-SWAP",
      state: null,
      insurance_fund_start: 100,
      insurance_fund_min: 90,
      insurance_fund_currency: null,
    },
  ]);
});

test("what aged out is no observation, and a restart forgets none", () => {
  const history = new AdlHistory();
  history.note("okx", [contract("warning", START)], [], START);
  history.note("okx", [contract(null, START, { insurance_fund: null })], [], START + 20_000);
  const again = new AdlHistory();
  again.restore(JSON.parse(JSON.stringify(history.snapshot())));
  again.restore(undefined);
  expect(again.during("BTC", START, Infinity)).toEqual(history.during("BTC", START, Infinity));
  expect(statesOf(again, START, Infinity)).toEqual(["warning"]);
});

test("a fund that moves with every report takes no memory without bound", () => {
  const history = new AdlHistory();
  for (let n = 0; n < 2_000; n += 1) {
    const time = START + n * 10_000;
    history.note("okx", [contract("normal", time, { insurance_fund: n })], [], time);
  }
  expect(history.snapshot()[0]?.stretches.length).toBeLessThan(50);
});
