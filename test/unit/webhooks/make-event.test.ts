import { describe, expect, test } from "vitest";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { sizeOf } from "../../../src/rules/happening-size.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import {
  adlWarning,
  cascadeMoved,
  exportReady,
  feedCleared,
  feedDegraded,
  feedRecovered,
  feedSuspect,
  largeLiquidation,
  operationsDegraded,
  operationsRecovered,
  ruleNews,
  ledgerAnchored,
  signalGraded,
  signalIssued,
  signalsResumed,
  signalsSuspended,
  venueChanged,
  webhookDisabled,
  webhookFailing,
  webhookTest,
} from "../../../src/webhooks/make-event.ts";
import { ruleDigest } from "../../../src/webhooks/messages/rule-messages.ts";
import { sampleCascade } from "../cascade/sample-cascade.ts";

const TIME = Date.UTC(2026, 10, 22, 7);

const cascade = sampleCascade(TIME, { start_time: TIME, peak_time: TIME + 1, end_time: null, state: "active" });
const signal = { signal_id: "BTC-15m-1", symbol: "BTC", action: "SELL" } as const;

const endpoint = { endpoint_id: "whe_1", owner: "admin", url: "https://example.com/", description: null };

const KINDS = ["started", "escalated", "ended"] as const;
const idOf = (record: CascadeRecord) => cascadeMoved({ kind: "escalated", record }, TIME).id;
const endId = (record: CascadeRecord) => cascadeMoved({ kind: "ended", record }, TIME).id;
const startId = (record: CascadeRecord) => cascadeMoved({ kind: "started", record }, TIME).id;

const happening = (kind: "fired" | "escalated" | "undetermined") => ({
  id: `rule.${kind}:rul_1:BTC:${TIME}`,
  kind,
  symbol: "BTC",
  time: TIME,
  values: { usd_value: 5 } as Readonly<Record<string, number | null>>,
  liquidation_id: null,
  silent_exchanges: [],
  release_time: TIME,
  omitted: false,
});

function ruleNewsOf(happenings: readonly ReturnType<typeof happening>[], isDigest: boolean) {
  const of = { rule_id: "rul_1", owner: "admin", name: "mine", rule: "usd_value > 1" };
  const news = ruleNews({ of, isDigest, happenings, notSent: 0 }, ["binance", "okx"]);
  if (news === null) throw new Error("nothing happened");
  return news;
}

function madeOnce() {
  return [
    signalIssued({ ...signal, created_time: TIME, statistics: null } as Parameters<typeof signalIssued>[0]),
    signalGraded({ ...signal, horizon: "1h" } as Parameters<typeof signalGraded>[0], TIME),
    signalsSuspended({ since: TIME, compared_share: 0.5, missing_exchanges: ["binance"] }),
    signalsResumed({ since: TIME, resumed_time: TIME + 1, duration_ms: 1 }),
    ...KINDS.map((kind) => cascadeMoved({ kind, record: cascade }, TIME + 3_000)),
    largeLiquidation({ event_id: "okx:1", symbol: "BTC" } as Parameters<typeof largeLiquidation>[0], TIME),
    adlWarning("okx", { instrument: "BTC-USDT-SWAP", symbol: "BTC", state: "adl", since: TIME } as Parameters<typeof adlWarning>[1], TIME),
    ...(["fired", "escalated", "undetermined"] as const).map((kind) => ruleNewsOf([happening(kind)], false)),
    ruleNewsOf([happening("fired"), happening("undetermined")], true),
    feedDegraded({ exchange: "okx", state: "stale", since: TIME, error: null }, TIME + 60_000),
    feedRecovered({ exchange: "okx", state: "live", since: TIME, recovered_time: TIME + 90_000, duration_ms: 90_000 }, TIME + 120_000),
    feedSuspect(
      { exchange: "okx", symbol: null, since: TIME, silent_minutes: 9, silence_probability: 0.0004, others_events: 412 },
      TIME + 540_000,
    ),
    feedCleared(
      {
        exchange: "okx",
        symbol: null,
        since: TIME,
        reason: "delivered",
        suspect_time: TIME + 540_000,
        cleared_time: TIME + 600_000,
        duration_ms: 600_000,
        others_events: 500,
      },
      TIME + 600_000,
    ),
    operationsDegraded({ part: "cron", since: TIME, error: "the jobs of the minute did not run" }, TIME + 180_000),
    operationsRecovered({ part: "cron", since: TIME, recovered_time: TIME + 240_000 }, TIME + 240_000),
    exportReady(
      { export_id: "exp_1", owner: "admin", rows: 1, bytes: 1, files: 1, format: "csv", start: TIME, end: TIME + 1, expires_time: null },
      TIME,
    ),
    webhookFailing({ ...endpoint, failing_since: TIME, will_be_disabled_time: TIME + 1, error: "HTTP 500" }, TIME),
    webhookDisabled({ ...endpoint, disabled_time: TIME, reason: "HTTP 410" }, TIME),
    ledgerAnchored({
      date: "2026-11-21",
      sequence: 17,
      hash: "5".repeat(64),
      grades_sequence: 81,
      grades_hash: "9".repeat(64),
      anchored_time: TIME,
    }),
    venueChanged(
      {
        venue: "okx",
        change: "change_log",
        url: "https://example.com/log",
        found_time: TIME,
        previous_time: TIME - 86_400_000,
        added: ["port 8443 ends"],
        added_lines: 1,
        removed_lines: 0,
      },
      "5f0d1b7e7a0b4f0e",
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

test("two digests of a rule that fall to the same time are two events, the same one repeated is one", () => {
  const late = { ...happening("fired"), id: `rule.fired:rul_1:ETH:${TIME}`, symbol: "ETH" };
  const [one, again, other] = [happening("fired"), happening("fired"), late].map((first) => ruleNewsOf([first], true).id);
  expect(again).toBe(one);
  expect(other).not.toBe(one);
});

test("an event's time is when it was known, not when it happened", () => {
  const times = Object.fromEntries(madeOnce().map(({ type, time }) => [type, time - TIME]));
  expect(times).toMatchObject({ "cascade.started": 3_000, "cascade.ended": 3_000, "feed.degraded": 60_000, "feed.recovered": 120_000 });
});

const sized = (symbol: string, values: Record<string, number | null>, changes: object = {}) => ({
  ...happening("fired"),
  symbol,
  values,
  ...changes,
});

const coverageOf = (data: object) =>
  ruleDigest(data, { id: "x", type: "rule.digest", time: TIME, symbol: "BTC", data }).facts?.find(([name]) => name === "Coverage")?.[1];

describe("a digest of a rule", () => {
  const of = { rule_id: "rul_1", owner: "admin", name: "mine", rule: "long_usd_5m > 1" };
  const digestOf = (happenings: readonly ReturnType<typeof happening>[]) => {
    const news = ruleNews({ of, isDigest: true, happenings, notSent: 0 }, ["okx"]);
    return news?.type === "rule.digest" ? news.data : null;
  };

  test("counts by base asset, and names the largest", () => {
    const digest = digestOf([
      sized("ETH", { spread_bps: 900, long_usd_5m: 3e6 }),
      sized("BTC", { spread_bps: 1, long_usd_5m: 5e6 }),
      sized("BTC", { spread_bps: 1, long_usd_5m: null }),
      { ...happening("undetermined"), symbol: "BTC" },
    ]);
    expect(digest).toMatchObject({
      fired: 3,
      by_symbol: [
        { symbol: "BTC", fired: 2, undetermined: 1 },
        { symbol: "ETH", fired: 1, undetermined: 0 },
      ],
      largest: { symbol: "BTC", values: { long_usd_5m: 5e6 } },
      exchanges: ["okx"],
    });
  });

  test("of single liquidations names the largest of them, and one without USD none", () => {
    const single = digestOf([1, 3, 2].map((usd_value) => sized("BTC", { long_usd_5m: 9 - usd_value, usd_value }, { liquidation_id: "x" })));
    expect(single?.largest?.values).toMatchObject({ usd_value: 3 });
    expect(digestOf([sized("BTC", { silent_s: 130 })])?.largest).toBeNull();
  });

  test("goes by the largest sum in USD, not by one that its rule asks to be small", () => {
    const [quiet, loud] = [
      { short_usd_5m: 98_000, long_usd_5m: 5e6 },
      { short_usd_5m: 1_000, long_usd_5m: 40e6 },
    ];
    expect(digestOf([quiet, loud].map((values) => sized("BTC", values)))?.largest?.values).toEqual(loud);
    expect(sizeOf({ values: loud })).toEqual({ field: "long_usd_5m", usd: 40e6 });
    expect(sizeOf({ values: { short_usd_5m: null, long_usd_5m: 3 } })).toEqual({ field: "long_usd_5m", usd: 3 });
  });

  test("names the venues that were silent at any happening, also at those that it does not list", () => {
    const silent = sized("BTC", { long_usd_5m: 40e6 }, { silent_exchanges: ["okx"] });
    const digest = digestOf([silent, ...Array.from({ length: 20 }, () => sized("BTC", { long_usd_5m: 1e6 }))]);
    if (digest === null) throw new Error("no digest");
    expect(
      digest.events.some(({ silent_exchanges: gone }) => gone.length > 0),
      "not listed",
    ).toBe(false);
    expect(digest.silent_exchanges).toEqual(["okx"]);
    expect(coverageOf({ ...digest, largest: null })).toBe("incomplete: no connection to okx");
    expect(coverageOf({ ...digest, silent_exchanges: undefined }), "of a queued one, by its largest").toBe(
      "incomplete: no connection to okx",
    );
  });
});
