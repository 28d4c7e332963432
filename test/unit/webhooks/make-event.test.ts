import { expect, test } from "vitest";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import {
  cascadeMoved,
  exportReady,
  feedDegraded,
  feedRecovered,
  ledgerAnchored,
  signalGraded,
  signalIssued,
  signalsResumed,
  signalsSuspended,
  webhookDisabled,
  webhookFailing,
  webhookTest,
} from "../../../src/webhooks/make-event.ts";
import { sampleCascade } from "../cascade/sample-cascade.ts";

const TIME = Date.UTC(2026, 10, 22, 7);

const cascade = sampleCascade(TIME, { start_time: TIME, peak_time: TIME + 1, end_time: null, state: "active" });
const signal = { signal_id: "BTC-15m-1", symbol: "BTC", action: "SELL" } as const;

const endpoint = { endpoint_id: "whe_1", owner: "admin", url: "https://example.com/", description: null };

const KINDS = ["started", "escalated", "ended"] as const;
const idOf = (record: CascadeRecord) => cascadeMoved({ kind: "escalated", record }, TIME).id;
const endId = (record: CascadeRecord) => cascadeMoved({ kind: "ended", record }, TIME).id;
const startId = (record: CascadeRecord) => cascadeMoved({ kind: "started", record }, TIME).id;

function madeOnce() {
  return [
    signalIssued({ ...signal, created_time: TIME, statistics: null } as Parameters<typeof signalIssued>[0]),
    signalGraded({ ...signal, horizon: "1h" } as Parameters<typeof signalGraded>[0], TIME),
    signalsSuspended({ since: TIME, compared_share: 0.5, missing_exchanges: ["binance"] }),
    signalsResumed({ since: TIME, resumed_time: TIME + 1, duration_ms: 1 }),
    ...KINDS.map((kind) => cascadeMoved({ kind, record: cascade }, TIME + 3_000)),
    feedDegraded({ exchange: "okx", state: "stale", since: TIME, error: null }, TIME + 60_000),
    feedRecovered({ exchange: "okx", state: "live", since: TIME, recovered_time: TIME + 90_000, duration_ms: 90_000 }, TIME + 120_000),
    exportReady(
      { export_id: "exp_1", owner: "admin", rows: 1, bytes: 1, files: 1, format: "csv", start: TIME, end: TIME + 1, expires_time: null },
      TIME,
    ),
    webhookFailing({ ...endpoint, failing_since: TIME, will_be_disabled_time: TIME + 1, error: "HTTP 500" }, TIME),
    webhookDisabled({ ...endpoint, disabled_time: TIME, reason: "HTTP 410" }, TIME),
    ledgerAnchored({ date: "2026-11-21", sequence: 17, hash: "5".repeat(64), anchored_time: TIME }),
    webhookTest("whe_1", "first", TIME),
  ];
}

test("every type of event has its maker, and an id that names what happened", () => {
  const made = madeOnce();
  expect(made.map(({ type }) => type)).toEqual([...EVENT_TYPES, "webhook.test"]);
  expect(madeOnce().map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  for (const { id, type } of made) expect(id.startsWith(`${type}:`), id).toBe(true);
});

test("a decision is published without its input", () => {
  expect(madeOnce()[0]?.data).not.toHaveProperty("statistics");
});

test("a cascade that rose again or became market-wide is published again, the same rise once", () => {
  expect(idOf({ ...cascade, usd: 3_000_000 })).toBe(idOf(cascade));
  expect(idOf({ ...cascade, severity: 3 })).not.toBe(idOf(cascade));
  expect(idOf({ ...cascade, market_wide: true })).not.toBe(idOf(cascade));
});

test("a cascade that resumed is announced and ended again, the same end once", () => {
  const first = { ...cascade, end_time: TIME + 5 };
  const second = { ...cascade, end_time: TIME + 90_000, events: cascade.events + 4 };
  expect(endId({ ...first })).toBe(endId(first));
  expect(endId(second)).not.toBe(endId(first));
  expect(startId(second)).not.toBe(startId(first));
});

test("an event's time is when it was known, not when it happened", () => {
  const times = Object.fromEntries(madeOnce().map(({ type, time }) => [type, time - TIME]));
  expect(times).toMatchObject({ "cascade.started": 3_000, "cascade.ended": 3_000, "feed.degraded": 60_000, "feed.recovered": 120_000 });
});
