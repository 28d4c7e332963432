import { expect, test } from "vitest";
import {
  ADL_WORDS,
  bySeverity,
  contractAt,
  fundText,
  noFundText,
  noStateText,
  notNormal,
  notNormalLines,
  shortFundText,
} from "../../../dashboard/src/parts/adl-text.ts";
import { adlGapText, caseAdlRows, fundFallText } from "../../../dashboard/src/screens/cascades/case-adl-rows.ts";
import { ADL_STATES, type AdlContract, type AdlState } from "../../../src/adl/adl-state.ts";
import { sampleCascade } from "../cascade/sample-cascade.ts";

const TIME = Date.UTC(2026, 10, 29, 1);

function contract(instrument: string, state: AdlState | null): AdlContract {
  const times = {
    since: state === null ? null : TIME - 42_000,
    covered_since: TIME - 60_000,
    received_time: TIME,
    valid_until: TIME + 15_000,
  };
  return { symbol: "BTC", instrument, state, ...times, insurance_fund: 1_234_567.8, insurance_fund_currency: "USDT" };
}

test("a state lasts until its end or a minute after its answer, and is unknown then, not normal", () => {
  const warned = contract("A", "warning");
  expect(contractAt(warned, TIME, TIME + 60_000)).toBe(warned);
  expect(contractAt(warned, TIME, TIME + 60_001)).toMatchObject({ state: null, since: null, insurance_fund: null });
  const lasting = { ...contract("B", "normal"), valid_until: TIME + 150_000 };
  expect(contractAt(lasting, TIME, TIME + 150_000)).toBe(lasting);
  expect(contractAt(lasting, TIME, TIME + 150_001).state).toBeNull();
});

test("only known states beyond normal count, and unknown contracts stand before normal ones", () => {
  const contracts = [contract("A", "normal"), contract("B", null), contract("C", "insurance_fund"), contract("D", "adl")];
  expect(notNormal(contracts).map(({ instrument }) => instrument)).toEqual(["D", "C"]);
  expect(bySeverity(contracts).map(({ instrument }) => instrument)).toEqual(["D", "C", "B", "A"]);
  expect(notNormalLines(contracts, TIME)).toEqual(["deleveraging of D for 42 s", "insurance fund used of C for 42 s"]);
  const many = Array.from({ length: 7 }, (_, index) => contract(`C${index}`, "warning"));
  expect(notNormalLines(many, TIME).at(-1)).toBe("and 2 more");
});

test("every state has words of its own, and nothing that is unknown reads as normal", () => {
  expect(new Set(ADL_STATES.map((state) => ADL_WORDS[state].name)).size).toBe(ADL_STATES.length);
  expect(noStateText("states", { received_time: TIME })).toBe(
    "The last state aged out: the venue has published none since 2026-11-29 01:00:00 UTC. Unknown, not normal.",
  );
  expect(noStateText("insurance_fund", { received_time: TIME })).toMatch(/no state: unknown, not normal\.$/);
  expect(noFundText("trade_flags")).toBe("The venue does not publish the balance of its insurance fund.");
  expect([fundText(280_784_384.9, "USDT"), fundText(12.34567, null)]).toEqual(["280,784,385 USDT", "12.3457"]);
  expect(shortFundText(279_904_112.4, "USDT")).toBe("279.9M USDT");
  expect(fundFallText({ fundStart: 2_000, fundMin: 1_500, currency: null })).toBe(
    "The lowest balance was 1,500; the first one published during it was 2,000. The venue does not name the currency.",
  );
});

test("a case file names the venues that published nothing, and is null where nothing was followed", () => {
  const fund = { insurance_fund_start: null, insurance_fund_min: null, insurance_fund_currency: null };
  const states = [
    { exchange: "aster", instrument: "A", state: "normal", ...fund },
    { exchange: "okx", instrument: "B", state: "adl", ...fund },
  ] as const;
  const followed = sampleCascade(TIME, { adl_states: states });
  expect(caseAdlRows(followed)?.map(({ exchange, state }) => [exchange, state])).toEqual([
    ["okx", "adl"],
    ["aster", "normal"],
    ["bybit", null],
  ]);
  expect(caseAdlRows(sampleCascade(TIME))).toBeNull();
  expect(adlGapText(followed, TIME)).toBeNull();
  expect(adlGapText({ ...followed, end_time: null }, TIME + 900_000)).toMatch(/last 15 minutes/);
});
