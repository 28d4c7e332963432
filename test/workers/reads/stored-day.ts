import { env } from "cloudflare:workers";
import { parseConfig } from "../../../src/config.ts";
import { POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { keepScoredBlocks } from "../../../workers/signals/scored-blocks.ts";
import { TOTALS_JSON, WRITE_MINUTE_BLOCKS } from "../../../workers/d1/total-blocks.ts";

/** Twenty past noon: a day with a running hour, and 400 days behind it. */
export const NOW = Date.UTC(2026, 10, 20, 12, 20);
export const EVENTS = 200_000;
export const GAPS = 20_000;
/** Those that are collected by default. */
export const VENUES = parseConfig({}).LIQUIDATION_EXCHANGES;
const SIGNALS = 3_000;
const MINUTES_FROM = floorTo(NOW - DAY_MS, MINUTE_MS);

/** The numbers from 0 on, as a FROM clause; ?1 is how many. */
const NUMBERS = "(WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1) SELECT n FROM numbers)";
const nth = (names: readonly string[], index: string) =>
  `CASE (${index}) % ${names.length} ${names.map((name, place) => `WHEN ${place} THEN '${name}'`).join(" ")} END`;
/** Half of the events are of BTC, a quarter of ETH, and the others of 300 assets. */
const SYMBOL = "CASE WHEN n % 2 = 0 THEN 'BTC' WHEN n % 4 = 1 THEN 'ETH' ELSE 'A' || (n / 4 % 300) END";
/** A hash that shares no period with the others. */
const MIXED = "((n * 2654435761) >> 7)";

/** Puts what 200,000 liquidations a day and 400 days leave behind into D1: by SQL, as row by row would take minutes. */
export async function storeDay(): Promise<void> {
  await storeEvents();
  await storeTotals();
  await storeGaps();
  await storeLedger();
  await keepScores();
  await storeOthers();
}

const run = (sql: string, ...values: readonly unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run();

async function storeEvents(): Promise<void> {
  await run(
    `INSERT INTO liquidations (event_id, exchange, instrument, symbol, quote, event_time, received_time, position_side, order_side,
       price, price_kind, quantity, usd_value, notional_mark_usd, concurrent_exchanges, coverage, gap_before_ms, source, schema_version, adapter_version)
     SELECT printf('e%06d', n), ${nth(VENUES, MIXED)}, 'X', ${SYMBOL}, 'USDT', ?2 + CAST(n * ?3 AS INTEGER), ?2 + CAST(n * ?3 AS INTEGER),
       ${nth(POSITION_SIDES, `${MIXED} >> 5`)}, 'sell', 1, 'mark', 1, 10 + ${MIXED} % 150000, 10 + ${MIXED} % 150000, 1 + n % 3,
       'all_reported', 0, 'stream', 3, 1
     FROM ${NUMBERS}`,
    EVENTS,
    NOW - DAY_MS,
    DAY_MS / EVENTS,
  );
  await run("UPDATE hot_events SET from_time = ?1", MINUTES_FROM);
}

/** ?1 how many hours, before ?2. */
const olderHours = (assets: readonly string[]) => `
  INSERT INTO hour_totals
  SELECT ?2 - (n + 1) * ${HOUR_MS}, assets.value, venues.value, sides.value, 9, 0, 0, 9, 9, NULL, 9
  FROM ${NUMBERS} CROSS JOIN json_each('${JSON.stringify(assets)}') AS assets CROSS JOIN json_each('${JSON.stringify(VENUES)}') AS venues
  CROSS JOIN json_each('${JSON.stringify(POSITION_SIDES)}') AS sides
  WHERE true`;

/**
 * The totals of the events as the sink and the hourly job make them. Of the 400 days before, those of BTC, and of six more base
 * assets for a month.
 */
async function storeTotals(): Promise<void> {
  await run(
    `INSERT INTO minute_totals
     SELECT event_time - event_time % ${MINUTE_MS}, symbol, exchange, position_side, count(*), 0, 0, sum(usd_value), sum(usd_value), NULL, max(usd_value)
     FROM liquidations GROUP BY 1, 2, 3, 4`,
  );
  const minutes = JSON.stringify(Array.from({ length: DAY_MS / MINUTE_MS + 1 }, (_, n) => MINUTES_FROM + n * MINUTE_MS));
  for (const exchange of VENUES) await run(WRITE_MINUTE_BLOCKS, minutes, exchange);
  await run(`INSERT INTO dirty_hours SELECT DISTINCT value - value % ${HOUR_MS} FROM json_each(?1)`, minutes);
  const hour = floorTo(MINUTES_FROM, HOUR_MS);
  await run(olderHours(["BTC"]), 399 * 24, hour);
  await run(olderHours(["A0", "A1", "A2", "A3", "A4", "A5"]), 31 * 24, hour);
  await run(
    `INSERT INTO total_blocks SELECT ${HOUR_MS}, hour, exchange, ${TOTALS_JSON}, NULL FROM hour_totals WHERE hour < ?1 GROUP BY hour, exchange`,
    hour,
  );
  await run(`INSERT INTO dirty_days SELECT DISTINCT hour - hour % ${DAY_MS} FROM hour_totals`);
  for (let waiting = true; waiting;) {
    await hourTotals(env.DB, NOW);
    const left = (await env.DB.prepare("SELECT count(*) AS n FROM dirty_days").first<number>("n")) ?? 0;
    // The running day stays.
    waiting = left > 1;
  }
}

async function storeGaps(): Promise<void> {
  const step = Math.floor((400 * DAY_MS) / GAPS);
  await run(
    `INSERT INTO gaps (exchange, from_time, to_time, reason)
     SELECT ${nth(VENUES, "n")}, ?2 - (n + 1) * ?3, ?2 - (n + 1) * ?3 + ${4 * MINUTE_MS}, iif(n % 3 = 0, 'silent', 'disconnected') FROM ${NUMBERS}`,
    GAPS,
    NOW,
    step,
  );
  await run(
    `INSERT INTO contract_gaps (exchange, contract, from_time, to_time)
     SELECT ${nth(VENUES, "n")}, 'C' || n % 50, ?2 - (n + 1) * ?3, ?2 - (n + 1) * ?3 + ${4 * MINUTE_MS} FROM ${NUMBERS}`,
    GAPS,
    NOW,
    step,
  );
  await run(
    `INSERT INTO cascades (cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd, peak_usd_per_s, first_exchange,
       exchanges, severity, market_wide, gaps, constants, updated_time)
     SELECT 'c' || n, ${SYMBOL}, 'long', 'ended', ?2 - n * ?3, ?2 - n * ?3, ?2 - n * ?3, 9, 1000 + ${MIXED} % 9000000, 1, 'okx', '[]', 1, 0, '[]', '{}', 1
     FROM ${NUMBERS}`,
    GAPS,
    NOW,
    step,
  );
}

const HORIZONS = ["5m", "15m", "1h", "4h", "24h"];

async function storeLedger(): Promise<void> {
  await run(
    `INSERT INTO signals (sequence, signal_id, created_time, minute, symbol, "window", action, confidence, calibrated_probability, paper, reason,
       statistics, analyst, model, rule_action, rule_version, rule_confidence, input_hash, previous_hash, hash)
     SELECT n + 1, 's' || n, ?2 + n * 60000, ?2 + n * 60000, ${SYMBOL}, '15m', ${nth(["BUY", "SELL"], "n / 3")}, 60, 0.6, 1, 'r', '{}',
       ${nth(["rules", "deepseek"], "n / 5")}, 'one', 'BUY', 'rules-v1', 60, 'i' || n, 'h' || n, 'h' || (n + 1)
     FROM ${NUMBERS}`,
    SIGNALS,
    NOW - SIGNALS * MINUTE_MS,
  );
  await run(
    `INSERT INTO signal_grades (signal_id, horizon, due_time, graded_time, entry_time, entry_price, exit_time, exit_price, forward_return_bps,
       net_return_bps, random_net_return_bps, fade_net_return_bps, follow_net_return_bps, rule_net_return_bps, version, sequence, previous_hash, hash, published_time)
     SELECT 's' || n, value, ?2 + n * 60000, ?2 + n * 60000, 1, 1, 1, 1, 5, 5, 1, 1, 1, 1, 2, n * 5 + key + 1, 'g' || (n * 5 + key), 'g' || (n * 5 + key + 1), 1
     FROM ${NUMBERS} CROSS JOIN json_each('${JSON.stringify(HORIZONS)}')`,
    SIGNALS,
    NOW - SIGNALS * MINUTE_MS,
  );
}

/** As the job has kept them, minute by minute. */
async function keepScores(): Promise<void> {
  while ((await keepScoredBlocks(env.DB)).blocks > 0);
}

/** Rows of the lists that belong to callers, and what the other reads need. */
async function storeOthers(): Promise<void> {
  await run(
    `INSERT INTO listed_symbols (symbol, exchange, trading, halted)
     SELECT iif(n = 300, 'BTC', iif(n = 301, 'ETH', 'A' || n)), value, '["X"]', '[]' FROM ${NUMBERS} CROSS JOIN json_each('${JSON.stringify(VENUES)}')`,
    302,
  );
  await run(`INSERT INTO symbol_lists SELECT value, 1 FROM json_each('${JSON.stringify(VENUES)}')`);
  await run(
    `INSERT INTO dataset_changes (date, changed_time, new_sha256, rows, bytes, kind) SELECT date('2026-11-20', '-' || n || ' days'), n, 'x', 1, 1, 'liquidations' FROM ${NUMBERS}`,
    3_000,
  );
  await run(
    `INSERT INTO api_keys (key_id, key_hash, prefix, name, scopes, created_time) SELECT 'key_' || n, 'x' || n, 'liq_', 'n', '["read"]', n FROM ${NUMBERS}`,
    2_000,
  );
  await run(
    `INSERT INTO api_usage (key_id, date, requests) SELECT 'key_1', date('${utcDate(NOW)}', '-' || n || ' days'), 1 FROM ${NUMBERS}`,
    400,
  );
  await run(
    `INSERT INTO exports (export_id, owner, state, request, estimated_rows, done_until, created_time, updated_time)
     SELECT 'exp_' || n, 'key_' || n % 2, 'expired',
       '{"start":0,"end":1,"format":"csv","dataset":"liquidations","symbols":null,"exchanges":null,"side":null,"min_usd":null,"inferred":false,"compression":"none"}', 1, 1, n, n
     FROM ${NUMBERS}`,
    5_000,
  );
  await run(
    `INSERT INTO webhook_endpoints (endpoint_id, url, format, events, symbols, created_time) SELECT 'whe_' || n, 'https://example.com/', 'standard', '[]', '[]', n FROM ${NUMBERS}`,
    50,
  );
  await run(
    `INSERT INTO webhook_deliveries (endpoint_id, created_time, webhook_id, event_id, event_type, state, tries, attempts)
     SELECT 'whe_1', ?2 - n, 'msg_' || n, 'e', 'signal.issued', 'delivered', 1, '[]' FROM ${NUMBERS}`,
    20_000,
    NOW,
  );
  await run(
    `INSERT INTO rules (rule_id, owner, name, rule, symbols, enabled, version, created_time)
     SELECT 'rul_' || n, 'admin', 'mine', 'usd_value > 1e9', '["BTC"]', 1, n, n FROM ${NUMBERS}`,
    200,
  );
  await run(
    `INSERT INTO rule_events (rule_id, time, event_id, kind, symbol, content, release_time)
     SELECT 'rul_1', ?2 - n, 'rule.fired:' || n, 'fired', 'BTC', '{"values":{},"liquidation_id":null,"silent_exchanges":[]}', 1 FROM ${NUMBERS}`,
    20_000,
    NOW,
  );
  const quarterHours = JSON.stringify(Array.from({ length: 96 }, () => 1));
  await run(
    `INSERT INTO quarter_totals (symbol, day, long_usd, short_usd) SELECT 'BTC', ?2 - n * ${DAY_MS}, '${quarterHours}', '${quarterHours}' FROM ${NUMBERS}`,
    30,
    floorTo(NOW, DAY_MS) - DAY_MS,
  );
}
