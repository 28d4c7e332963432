import type { ExchangeName } from "../../../src/liquidation.ts";
import type { RuleHappening } from "../../../src/rules/live-rule.ts";
import {
  EVENT_TYPES,
  type EventData,
  type EventType,
  type GradedSignal,
  type IssuedSignal,
  type QueuedEvent,
} from "../../../src/webhooks/event.ts";
import { sampleLiquidation } from "../../workers/sample-liquidation.ts";
import { sampleCascade } from "../cascade/sample-cascade.ts";

export const TIME = Date.parse("2026-11-22T07:00:00Z");
const MINUTE = 60_000;
export const ALL_TYPES: readonly EventType[] = [...EVENT_TYPES, "webhook.test"];

export const SIGNAL: IssuedSignal = {
  sequence: 17,
  signal_id: "BTC-15m-20261122T0700Z",
  created_time: TIME,
  minute: TIME,
  symbol: "BTC",
  window: "15m",
  action: "BUY",
  confidence: 61.6,
  calibrated_probability: null,
  paper: true,
  reason: "The flush of longs slows and the price holds.",
  reason_code: null,
  invalidation: "The mark falls under 79,400 within the hour.",
  long_change_pct: 152.3,
  short_change_pct: -20,
  analyst: "deepseek",
  model: "deepseek-flash",
  prompt_version: "v4",
  rule_action: "NOTHING",
  trigger: "spike",
  input_hash: "a".repeat(64),
  previous_hash: "b".repeat(64),
  hash: "c".repeat(64),
  context: {
    side: "long",
    side_usd: 12_431_000,
    long_usd: 12_431_000,
    short_usd: 310_000,
    mark_exchange: "bybit",
    mark_price: 79_812.5,
    return_15m_bps: -124.2,
    exchanges: ["binance", "bybit"],
    missing_exchanges: [],
  },
};

const GRADE = {
  symbol: "BTC",
  action: "BUY",
  confidence: 61.6,
  paper: true,
  signal_id: SIGNAL.signal_id,
  horizon: "1h",
  net_return_bps: -12.4,
  rule_net_return_bps: null,
  forward_return_bps: -1.9,
  cost_bps: 10.5,
  exchange: "bybit",
} as GradedSignal;

const RULE_OF = {
  rule_id: "rul_3f0c9a6de2b84c51",
  owner: "admin",
  name: "Longs over their 99th percentile",
  rule: "long_usd_5m > p99(long_usd_5m, 7d) and spread_bps < 5 for 30s",
};
const RULE_VENUES: readonly ExchangeName[] = ["binance", "okx"];
const RULE = { ...RULE_OF, symbol: "BTC", time: TIME, liquidation_id: null, silent_exchanges: [], exchanges: RULE_VENUES, not_sent: 0 };

const LARGEST: RuleHappening = {
  kind: "fired",
  symbol: "ETH",
  time: TIME - 10 * MINUTE,
  values: { long_usd_5m: 4_210_000, "p99(long_usd_5m, 7d)": 2_950_000, spread_bps: 1.2 },
  liquidation_id: null,
  silent_exchanges: [],
};

const cascade = sampleCascade(TIME, {
  cascade_id: "ETH-short-20261122T070000Z",
  symbol: "ETH",
  position_side: "short",
  severity: 2,
  events: 41,
  usd: 2_104_000,
  peak_usd_per_s: 460_000,
  start_time: TIME - 43_000,
  end_time: null,
  first_exchange: "okx",
  exchanges: ["binance", "okx"],
  start_mark: 3_012.4,
  extreme_mark: 3_023.49,
  move_bps: 36.8,
  market_wide: false,
  gaps: [],
});

/** A record of each type, as the Worker makes them. */
export const RECORDS: EventData = {
  "signal.issued": SIGNAL,
  "signal.graded": GRADE,
  "signals.suspended": { since: TIME, compared_share: 0.67, missing_exchanges: ["binance", "okx"] },
  "signals.resumed": { since: TIME - 31 * MINUTE, resumed_time: TIME, duration_ms: 31 * MINUTE },
  "cascade.started": cascade,
  "cascade.escalated": { ...cascade, severity: 4, usd: 9_950_000, events: 180, extreme_mark: 3_047.2, move_bps: 115.5, market_wide: true },
  "cascade.ended": { ...cascade, severity: 4, usd: 11_200_000, events: 202, end_time: TIME + 82_000, move_bps: 118, state: "ended" },
  "liquidation.large": {
    ...sampleLiquidation({
      event_time: TIME,
      price: 80_000.5,
      mark_price: 80_120,
      usd_value: 1_234_567,
      cum_usd_1m: 3_400_000,
      cascade_id: "BTC-long-20261122T065900Z",
    }),
    not_sent: 12,
  },
  "adl.warning": {
    exchange: "okx",
    symbol: "ETH",
    instrument: "ETH-USDT-SWAP",
    state: "warning",
    previous_state: "normal",
    since: TIME - 1_000,
    received_time: TIME - 900,
    insurance_fund: 280_784_384.96,
    insurance_fund_currency: "USDT",
  },
  "rule.fired": { ...RULE, values: { long_usd_5m: 4_210_000, "p99(long_usd_5m, 7d)": 2_950_000, spread_bps: 1.2 } },
  "rule.escalated": { ...RULE, values: { long_usd_5m: 6_400_000, spread_bps: 3 }, silent_exchanges: ["okx"], not_sent: 4 },
  "rule.undetermined": { ...RULE, values: { long_usd_5m: 4_210_000, spread_bps: null } },
  "rule.digest": {
    ...RULE_OF,
    from_time: TIME - 300 * MINUTE,
    to_time: TIME - 10 * MINUTE,
    fired: 3,
    undetermined: 0,
    by_symbol: [
      { symbol: "BTC", fired: 2, undetermined: 0 },
      { symbol: "ETH", fired: 1, undetermined: 0 },
    ],
    largest: LARGEST,
    exchanges: RULE_VENUES,
    silent_exchanges: [],
    not_sent: 0,
    events: [LARGEST],
  },
  "feed.degraded": { exchange: "okx", state: "blocked", since: TIME - MINUTE, error: "HTTP 451" },
  "feed.recovered": { exchange: "okx", state: "live", since: TIME - 94_000, recovered_time: TIME, duration_ms: 94_000 },
  "feed.suspect": {
    exchange: "okx",
    symbol: null,
    since: TIME - 9 * MINUTE,
    silent_minutes: 9,
    silence_probability: 0.000_4,
    others_events: 412,
  },
  "feed.cleared": {
    exchange: "okx",
    symbol: null,
    since: TIME - 21 * MINUTE,
    reason: "delivered",
    suspect_time: TIME - 12 * MINUTE,
    cleared_time: TIME,
    duration_ms: 21 * MINUTE,
    others_events: 980,
  },
  "operations.degraded": { part: "cron", since: TIME - 3 * MINUTE, error: "the jobs of the minute did not run" },
  "operations.recovered": { part: "cron", since: TIME - 7 * MINUTE, recovered_time: TIME, duration_ms: 7 * MINUTE },
  "export.ready": {
    export_id: "exp_51d2c7a09be34f6e",
    owner: "key_7c1e05a9d2f84b6e",
    rows: 18_204,
    bytes: 2_912_640,
    files: 1,
    format: "csv",
    start: TIME - 7 * 1_440 * MINUTE,
    end: TIME,
    expires_time: TIME + 7 * 1_440 * MINUTE,
  },
  "webhook.failing": {
    endpoint_id: "whe_3f0c9a6de2b84c51",
    owner: "admin",
    url: "https://example.com/hook",
    description: "desk alerts",
    failing_since: TIME - 30 * MINUTE,
    will_be_disabled_time: TIME + 1_410 * MINUTE,
    error: "HTTP 500",
  },
  "webhook.disabled": {
    endpoint_id: "whe_3f0c9a6de2b84c51",
    owner: "admin",
    url: "https://example.com/hook",
    description: null,
    disabled_time: TIME,
    reason: "HTTP 410: the receiver wants no more deliveries",
  },
  "ledger.anchored": {
    date: "2026-11-21",
    sequence: 17,
    hash: "5".repeat(64),
    grades_sequence: 81,
    grades_hash: "9".repeat(64),
    anchored_time: TIME,
  },
  "venue.changed": {
    venue: "okx",
    change: "change_log",
    url: "https://www.okx.com/docs-v5/log_en/",
    found_time: TIME,
    previous_time: TIME - 1_440 * MINUTE,
    added: ["2026-09-30", "WebSocket connections on port 8443 end on 2026-10-31."],
    added_lines: 2,
    removed_lines: 0,
  },
  "webhook.test": { endpoint_id: "whe_3f0c9a6de2b84c51" },
};

/** An event of a type, with a record as the Worker makes it but for these changes. */
export function sampleOf(type: EventType, changes: Readonly<Record<string, unknown>> = {}): QueuedEvent {
  const data = { ...RECORDS[type], ...changes };
  const { symbol } = data as { readonly symbol?: unknown };
  return { id: `${type}:1`, type, time: TIME, symbol: typeof symbol === "string" ? symbol : null, data };
}
