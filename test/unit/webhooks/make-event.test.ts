import { expect, test } from "vitest";
import { CASCADE_CONSTANTS, type CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import {
  cascadeMoved,
  exportReady,
  feedDegraded,
  feedRecovered,
  signalGraded,
  signalIssued,
  webhookTest,
} from "../../../src/webhooks/make-event.ts";

const TIME = Date.UTC(2026, 10, 22, 7);

const cascade: CascadeRecord = {
  cascade_id: "BTC-long-1",
  symbol: "BTC",
  position_side: "long",
  state: "active",
  start_time: TIME,
  peak_time: TIME + 1,
  end_time: null,
  events: 5,
  usd: 2_000_000,
  peak_usd_per_s: 30_000,
  first_exchange: "bybit",
  exchanges: ["bybit"],
  start_mark: null,
  extreme_mark: null,
  move_bps: null,
  severity: 2,
  market_wide: false,
  gaps: [],
  constants: CASCADE_CONSTANTS,
};
const signal = { signal_id: "BTC-15m-1", symbol: "BTC", action: "SELL" } as const;

function madeOnce() {
  return [
    signalIssued({ ...signal, created_time: TIME, statistics: null } as Parameters<typeof signalIssued>[0]),
    signalGraded({ ...signal, horizon: "1h" } as Parameters<typeof signalGraded>[0], TIME),
    ...(["started", "escalated", "ended"] as const).map((kind) => cascadeMoved({ kind, record: cascade })),
    feedDegraded({ exchange: "okx", state: "stale", since: TIME, error: null }, TIME + 60_000),
    feedRecovered({ exchange: "okx", state: "live", since: TIME, recovered_time: TIME + 90_000, duration_ms: 90_000 }),
    exportReady(
      { export_id: "exp_1", owner: "admin", rows: 1, bytes: 1, files: 1, format: "csv", start: TIME, end: TIME + 1, expires_time: null },
      TIME,
    ),
    webhookTest("whe_1", "first", TIME),
  ];
}

test("every type of event has its maker, and an id that names what happened", () => {
  const made = madeOnce();
  expect(made.map(({ type }) => type)).toEqual([...EVENT_TYPES, "webhook.test"]);
  expect(madeOnce().map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  for (const { id, type } of made) expect(id.startsWith(`${type}:`), id).toBe(true);
});

test("a decision is told of without its input", () => {
  expect(madeOnce()[0]?.data).not.toHaveProperty("statistics");
});

test("a cascade that rose again or became market-wide is told of again, the same rise once", () => {
  const idOf = (record: CascadeRecord) => cascadeMoved({ kind: "escalated", record }).id;
  expect(idOf({ ...cascade, usd: 3_000_000 })).toBe(idOf(cascade));
  expect(idOf({ ...cascade, severity: 3 })).not.toBe(idOf(cascade));
  expect(idOf({ ...cascade, market_wide: true })).not.toBe(idOf(cascade));
});

test("events say when they happened", () => {
  const times = (record: CascadeRecord) => (["started", "escalated", "ended"] as const).map((kind) => cascadeMoved({ kind, record }).time);
  expect(times(cascade)).toEqual([TIME, TIME + 1, TIME + 1]);
  expect(times({ ...cascade, end_time: TIME + 5 })).toEqual([TIME, TIME + 1, TIME + 5]);
});
