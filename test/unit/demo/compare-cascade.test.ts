import { expect, test } from "vitest";
import { isPassed } from "../../../scripts/demo/check.ts";
import { compareCascade } from "../../../scripts/demo/compare-cascade.ts";
import type { ScriptedCascade } from "../../../scripts/simulator/cascade-script.ts";
import type { LedgerEvent } from "../../../scripts/simulator/ledger.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { CASCADE_CONSTANTS, type CascadeRecord } from "../../../src/cascade/cascade-record.ts";

const START = 1_790_000_000_000;
const SCRIPT: ScriptedCascade = {
  startAfterMs: 0,
  symbol: "ETH",
  side: "long",
  venues: [
    { exchange: "bybit", delayMs: 0 },
    { exchange: "okx", delayMs: 2_400 },
  ],
  usd: 3_030,
  durationMs: 10_000,
  movePct: 2.5,
  startTime: START,
  endTime: START + 12_400,
  firstExchange: "bybit",
};

function sent(exchange: LedgerEvent["exchange"], afterMs: number, usd = 1_000): LedgerEvent {
  return {
    exchange,
    key: `${exchange} ${afterMs}`,
    instrument: "ETHUSDT",
    symbol: "ETH",
    position_side: "long",
    event_time: START + afterMs,
    quantity: 1,
    price: usd,
    usd_value: usd,
    in_history: false,
    published_time: START + afterMs,
    sent_time: START + afterMs,
    times_sent: 1,
  };
}

const WIRE = [sent("okx", -20_000), sent("bybit", 0), sent("okx", 2_400), sent("bybit", 5_000)];

/** The rows of what was sent, at a mark price 1 % above the venues' own, with the lags of their venues in the cascade. */
const rows = ([bybit, okx]: readonly [number | null, number | null] = [-2_400, 2_400]) =>
  WIRE.map(({ exchange, symbol, position_side, event_time, usd_value }) => {
    const isInside = event_time >= START;
    const cascade = {
      cascade_id: isInside ? "ETH-long" : null,
      cross_exchange_lag_ms: isInside ? (exchange === "bybit" ? bybit : okx) : 18_000,
    };
    return { exchange, symbol, position_side, event_time, usd_value, notional_mark_usd: 1_010, ...cascade } as unknown as Liquidation;
  });

const FUND = { insurance_fund_start: null, insurance_fund_min: null, insurance_fund_currency: null };

function report(changes: Partial<CascadeRecord>): CascadeRecord {
  return {
    cascade_id: "ETH-long",
    symbol: "ETH",
    position_side: "long",
    state: "active",
    start_time: START,
    peak_time: START + 5_000,
    end_time: null,
    events: 3,
    usd: 3_030,
    peak_usd_per_s: 100,
    peak_5s_usd: 200,
    first_exchange: "bybit",
    first_exchange_probability: 0.94,
    exchanges: ["bybit", "okx"],
    start_mark: 2_750,
    extreme_mark: 2_681,
    move_bps: 250,
    severity: 3,
    market_wide: false,
    gaps: [],
    adl_states: [{ exchange: "okx", instrument: "ETH-USDT-SWAP", state: "adl", ...FUND }],
    constants: CASCADE_CONSTANTS,
    ...changes,
  };
}

const differing = (reports: readonly CascadeRecord[], events = rows()) =>
  compareCascade(SCRIPT, WIRE, reports, events)
    .filter(({ agrees }) => !agrees)
    .map(({ what }) => what);

test("a right report differs in nothing", () => {
  expect(differing([report({})])).toEqual([]);
});

test("an onset and a first mover taken from the noise before fail the run", () => {
  const early = report({ start_time: START - 20_000, first_exchange: "okx", events: 4, usd: 4_040 });
  expect(differing([early])).toEqual(["onset, ms after the script's", "first mover"]);
  expect(isPassed(compareCascade(SCRIPT, WIRE, [early], rows()))).toBe(false);
});

test("a first mover that is not known does not fail the run, a wrong one does", () => {
  expect(differing([report({ first_exchange: null, first_exchange_probability: null })])).toEqual([]);
  expect(differing([report({ first_exchange: "okx" })])).toEqual(["first mover"]);
});

test("auto-deleveraging that was played and is missing from the record fails the run", () => {
  const what = "auto-deleveraging published by okx";
  expect(differing([report({ adl_states: [] })])).toEqual([what]);
  expect(differing([report({ adl_states: [{ exchange: "okx", instrument: "ETH-USDT-SWAP", state: "normal", ...FUND }] })])).toEqual([what]);
});

test("lags that are missing, beyond the resolution or of the wrong sign for the leader fail the run", () => {
  const [leader, follower] = ["median lag of bybit, ms", "median lag of okx, ms"];
  expect(differing([report({})], rows([-3_900, 3_900]))).toEqual([]);
  expect(differing([report({})], rows([-3_901, 899]))).toEqual([leader, follower]);
  expect(differing([report({})], rows([null, null]))).toEqual([leader, follower]);
  const close = { ...SCRIPT, venues: [SCRIPT.venues[0], { exchange: "okx", delayMs: 100 }] } as ScriptedCascade;
  const wire = [sent("bybit", 0), sent("okx", 100), sent("bybit", 5_000)];
  const checks = compareCascade(close, wire, [report({})], rows([0, 0]));
  expect(checks.filter(({ agrees }) => !agrees).map(({ what }) => what)).toEqual([leader]);
});

test("sums that are not those of the reported stretch fail the run", () => {
  expect(differing([report({ events: 4 })])).toContain("events on the wire in it");
  expect(differing([report({ usd: 2_000 })])).toContain("USD stored in it");
  expect(isPassed(compareCascade(SCRIPT, WIRE, [report({ events: 4 })], rows()))).toBe(false);
});

test("what a cascade that has ended may have counted while it could flare up again is within the tolerance", () => {
  const ended = { end_time: START + 2_400, state: "ended" as const };
  for (const events of [2, 3]) {
    expect(differing([report({ ...ended, events, usd: events * 1_010 })])).toEqual([]);
  }
  expect(differing([report({ ...ended, events: 1 })])).toContain("events on the wire in it");
});

test("a cascade that is not reported, or without one of its venues, fails the run", () => {
  expect(differing([])).toEqual(["cascade"]);
  expect(differing([report({ start_time: START - 60_000, end_time: START - 30_000 })])).toEqual(["cascade"]);
  expect(differing([report({ exchanges: ["bybit"] })])).toContain("venues");
  expect(isPassed(compareCascade(SCRIPT, WIRE, [], rows()))).toBe(false);
});
