import { expect, test } from "vitest";
import { isPassed } from "../../../scripts/demo/check.ts";
import { compareCascade } from "../../../scripts/demo/compare-cascade.ts";
import type { ScriptedCascade } from "../../../scripts/simulator/cascade-script.ts";
import type { LedgerEvent } from "../../../scripts/simulator/ledger.ts";
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
  usd: 3_000,
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
    usd: 3_000,
    peak_usd_per_s: 100,
    peak_5s_usd: 200,
    first_exchange: "bybit",
    exchanges: ["bybit", "okx"],
    start_mark: 2_750,
    extreme_mark: 2_681,
    move_bps: 250,
    severity: 3,
    market_wide: false,
    gaps: [],
    constants: CASCADE_CONSTANTS,
    ...changes,
  };
}

const differing = (reports: readonly CascadeRecord[]) =>
  compareCascade(SCRIPT, WIRE, reports, [])
    .filter(({ agrees }) => !agrees)
    .map(({ what }) => what);

test("a right report differs in nothing but the lag of events that are not there", () => {
  expect(differing([report({})])).toEqual(["lag of okx, ms"]);
});

test("an onset and a first mover taken from the noise before are shown, and do not fail the run", () => {
  const early = report({ start_time: START - 20_000, first_exchange: "okx", events: 4, usd: 4_000 });
  expect(differing([early])).toEqual(["onset, ms after the script's", "first mover", "lag of okx, ms"]);
  expect(isPassed(compareCascade(SCRIPT, WIRE, [early], []))).toBe(true);
});

test("sums that are not those of the reported stretch fail the run", () => {
  expect(differing([report({ events: 4 })])).toContain("events on the wire in it");
  expect(differing([report({ usd: 2_000 })])).toContain("USD on the wire in it");
  expect(isPassed(compareCascade(SCRIPT, WIRE, [report({ events: 4 })], []))).toBe(false);
});

test("what a cascade that has ended may have counted while it could flare up again is within the tolerance", () => {
  const ended = { end_time: START + 2_400, state: "ended" as const };
  for (const events of [2, 3]) {
    expect(differing([report({ ...ended, events, usd: events * 1_000 })])).toEqual(["lag of okx, ms"]);
  }
  expect(differing([report({ ...ended, events: 1 })])).toContain("events on the wire in it");
});

test("a cascade that is not reported, or without one of its venues, fails the run", () => {
  expect(differing([])).toEqual(["cascade"]);
  expect(differing([report({ start_time: START - 60_000, end_time: START - 30_000 })])).toEqual(["cascade"]);
  expect(differing([report({ exchanges: ["bybit"] })])).toContain("venues");
  expect(isPassed(compareCascade(SCRIPT, WIRE, [], []))).toBe(false);
});
