import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Config, parseConfig } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { DAY_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { NOT_ASKED, ruleFields } from "../../../src/signals/decision-parts.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { type GradeRecord, checkGrades, sealGrade } from "../../../src/grades/grade-ledger.ts";
import { givenGrade } from "../../../src/grades/grade.ts";
import { checkLedger, type SignalRecord, type UnsealedRecord } from "../../../src/signals/ledger.ts";
import { ruleVerdict } from "../../../src/signals/rule-model.ts";
import { analytics } from "../../../workers/cron/analytics.ts";
import { gradeArchive } from "../../../workers/cron/grade-archive.ts";
import { quarterHourTotals } from "../../../workers/cron/quarter-hour-totals.ts";
import { signalArchive } from "../../../workers/cron/signal-archive.ts";
import { supabaseUpkeep } from "../../../workers/cron/supabase-upkeep.ts";
import { readDeadLetters } from "../../../workers/d1/dead-letters.ts";
import { appendSignal } from "../../../workers/signals/append-signal.ts";
import { GRADE_COLUMNS } from "../../../workers/signals/grade-columns.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { sampleGrade } from "../../unit/signals/sample-grade.ts";
import { sampleInput } from "../../unit/signals/sample-input.ts";
import { apiClient } from "../api/api-client.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { type OwnSupabase, ownSupabase } from "./supabase-stack.ts";
import { emptyStorage } from "../empty-storage.ts";

const MINUTE = DAY + 2 * DAY_MS + 7 * MINUTE_MS;
const WINDOWS = ["15m", "1h", "4h", "24h"];

let supabase: OwnSupabase;
let config: Config;
beforeAll(async () => {
  supabase = await ownSupabase();
  config = parseConfig(supabase.variables);
});
afterEach(async () => {
  await emptyStorage();
  await supabase.query("truncate liquidation_events, liquidation_analytics, liquidation_signals, liquidation_signal_grades");
});

const minutesStored = async () =>
  (await supabase.query("select distinct (extract(epoch from minute) * 1000)::float8 as minute from liquidation_analytics order by 1")).map(
    (row) => row["minute"],
  );

/** Events of two venues, sides and base assets every 67 s over two days. */
async function fill(): Promise<void> {
  const venues: readonly ExchangeName[] = ["binance", "okx"];
  for (const [index, exchange] of venues.entries()) {
    const rows = Array.from({ length: 1_200 }, (_, n) =>
      sampleLiquidation({
        event_id: `${exchange}${n}`,
        exchange,
        symbol: n % 5 === 0 ? "ETH" : "BTC",
        event_time: MINUTE - n * 134_000 - index * 67_000,
        position_side: n % 3 === 0 ? "short" : "long",
        usd_value: n % 7 === 0 ? null : 1_000.5 + n,
      }),
    );
    expect(await d1Sink.write(env, config, sampleBatch(rows, exchange))).toEqual({ kind: "stored", refused: [] });
  }
  await d1Sink.writeNotes?.(env, {
    exchange: "okx",
    gaps: [
      { exchange: "okx", from_time: MINUTE - 20 * MINUTE_MS, to_time: MINUTE - 18 * MINUTE_MS, reason: "silent" },
      { exchange: "okx", from_time: MINUTE - 5 * 60 * MINUTE_MS, to_time: MINUTE - 4 * 60 * MINUTE_MS, reason: "blocked" },
    ],
    minuteMarks: [],
  });
  await quarterHourTotals(env.DB, config, MINUTE);
}

describe("analytics", () => {
  test("are what /v1/stats says in that minute of every symbol and window, in one request", async () => {
    await fill();
    const before = await supabase.requests();
    expect(await analytics(env.DB, config, MINUTE + 900)).toMatchObject({ minutes: 1, rows: 12, more: false });
    expect(await supabase.requests()).toBe(before + 1);
    const get = apiClient(MINUTE + 20_000);
    for (const symbol of ["BTC", "ETH", "SOL"]) {
      for (const window of WINDOWS) {
        const { body } = await get(`/v1/stats?symbol=${symbol}&window=${window}`);
        const sides = Object.entries(body.data.sides as Record<string, Record<string, unknown>>);
        const columns = sides.flatMap(([side, values]) => Object.entries(values).map(([name, value]) => [`${side}_${name}`, value]));
        const [row] = await supabase.query(
          `select *, (extract(epoch from minute) * 1000)::float8 as minute, (extract(epoch from window_start) * 1000)::float8 as window_start,
             (extract(epoch from window_end) * 1000)::float8 as window_end
           from liquidation_analytics where symbol = '${symbol}' and "window" = '${window}'`,
        );
        expect(row).toEqual({
          minute: MINUTE,
          symbol,
          window,
          window_start: body.data.start_time,
          window_end: body.data.end_time,
          ...Object.fromEntries(columns),
          coverage: body.meta.coverage,
          gaps: body.meta.gaps,
        });
      }
    }
    const [busy] = await supabase.query(`select long_usd, gaps from liquidation_analytics where symbol = 'BTC' and "window" = '15m'`);
    expect(busy?.["long_usd"]).toBeGreaterThan(1_000);
    expect(busy?.["gaps"]).toHaveLength(1);
  });

  test("that Supabase refuses are given up with the reason, the others are stored, and the next minute follows", async () => {
    await fill();
    await supabase.alter(`alter table liquidation_analytics add constraint odd check (symbol <> 'ETH' or "window" <> '1h')`);
    try {
      expect(await analytics(env.DB, config, MINUTE)).toMatchObject({ minutes: 1, rows: 11, refused: 1 });
      expect(await readDeadLetters(env.DB)).toMatchObject([
        {
          queue: "analytics",
          records: 1,
          newest_time: MINUTE,
          newest_record: `${new Date(MINUTE).toISOString()} ETH 1h`,
          newest_reason: expect.stringContaining("23514"),
        },
      ]);
      const { body } = await apiClient(MINUTE)("/v1/status");
      expect(body.data.dead_letters).toEqual(await readDeadLetters(env.DB));
    } finally {
      await supabase.alter("alter table liquidation_analytics drop constraint odd");
    }
    expect(await analytics(env.DB, config, MINUTE + MINUTE_MS)).toMatchObject({ minutes: 1, rows: 12, refused: 0 });
  });

  test("of missed minutes are made up for, five a run and fifteen minutes back, and a repeated run changes nothing", async () => {
    await analytics(env.DB, config, MINUTE);
    expect(await analytics(env.DB, config, MINUTE)).toMatchObject({ minutes: 0, rows: 0 });
    expect(await analytics(env.DB, config, MINUTE + 3 * MINUTE_MS)).toMatchObject({ minutes: 3, rows: 36, more: false });
    expect(await analytics(env.DB, config, MINUTE + 60 * MINUTE_MS)).toMatchObject({ minutes: 5, rows: 60, more: true });
    expect(await analytics(env.DB, config, MINUTE - 60 * MINUTE_MS)).toMatchObject({ minutes: 0 });
    expect(await minutesStored()).toEqual([0, 1, 2, 3, 45, 46, 47, 48, 49].map((n) => MINUTE + n * MINUTE_MS));
  });

  test("that Supabase did not take are stored once it is back", async () => {
    await analytics(env.DB, config, MINUTE);
    await supabase.fail({ kind: "lose-answer" });
    await expect(analytics(env.DB, config, MINUTE + MINUTE_MS)).rejects.toThrow(/Supabase failed: 500/);
    await supabase.fail({ kind: "answer", status: 503, body: "" });
    await expect(analytics(env.DB, config, MINUTE + 2 * MINUTE_MS)).rejects.toThrow(/Supabase failed: 503/);
    await supabase.fail(null);
    expect(await analytics(env.DB, config, MINUTE + 3 * MINUTE_MS)).toMatchObject({ minutes: 3 });
    expect(await minutesStored()).toEqual([0, 1, 2, 3].map((n) => MINUTE + n * MINUTE_MS));
  });

  test("are of the busiest base assets where all are collected, and of none where Supabase is off", async () => {
    await fill();
    const all = parseConfig({ ...supabase.variables, LIQUIDATION_SYMBOLS: "*" });
    expect(await analytics(env.DB, all, MINUTE)).toMatchObject({ rows: 8 });
    expect(await supabase.query("select distinct symbol from liquidation_analytics order by 1")).toEqual([
      { symbol: "BTC" },
      { symbol: "ETH" },
    ]);
    expect(await analytics(env.DB, parseConfig({}), MINUTE)).toEqual({
      off: "Supabase is off: SUPABASE_URL and SUPABASE_SECRET_KEY are not set",
    });
  });
});

const at = (minutes: number) => DAY + minutes * MINUTE_MS;
const partitions = async () =>
  (await supabase.query(`select count(*)::int as n from pg_inherits where inhparent = 'liquidation_events'::regclass`))[0]?.["n"];

/** Takes away the farthest partition that is made ahead. */
async function dropOne(): Promise<void> {
  const [last] = await supabase.query(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'liquidation_events'::regclass
     and inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$' order by 1 desc limit 1`,
  );
  await supabase.alter(`drop table ${String(last?.["name"])}`);
}

describe("upkeep", () => {
  test("creates the partitions that are missing, once a day", async () => {
    const whole = await partitions();
    await dropOne();
    expect(await supabaseUpkeep(env.DB, config, at(6))).toEqual({ due: false });
    expect(await supabaseUpkeep(env.DB, config, at(7))).toEqual({ due: true, partitions: 1, removed: null });
    expect(await partitions()).toBe(whole);
    await dropOne();
    for (const minutes of [7, 17, 24 * 60 - 3]) expect(await supabaseUpkeep(env.DB, config, at(minutes))).toEqual({ due: false });
    expect(await supabaseUpkeep(env.DB, config, at(24 * 60 + 7))).toMatchObject({ due: true, partitions: 1 });
  });

  test("that failed or did not come is made up for within ten minutes", async () => {
    await supabase.fail({ kind: "answer", status: 503, body: "" });
    await expect(supabaseUpkeep(env.DB, config, at(7))).rejects.toThrow(/503/);
    await supabase.fail(null);
    expect(await supabaseUpkeep(env.DB, config, at(8))).toEqual({ due: false });
    expect(await supabaseUpkeep(env.DB, config, at(17))).toMatchObject({ due: true });
    expect(await supabaseUpkeep(env.DB, config, at(3 * 24 * 60 + 600 + 37))).toMatchObject({ due: true });
  });

  test("removes what is older than is kept, and nothing where everything is", async () => {
    const now = floorTo(Date.now(), MINUTE_MS);
    const rows = [1, 40].map((days) => sampleLiquidation({ event_id: `${days} days`, event_time: now - days * DAY_MS }));
    await storeLiquidations(config, rows);
    await supabaseUpkeep(env.DB, config, at(7));
    expect(await supabase.query("select event_id from liquidation_events")).toHaveLength(2);
    const month = parseConfig({ ...supabase.variables, LIQUIDATION_SUPABASE_RETENTION_DAYS: "30" });
    expect(await supabaseUpkeep(env.DB, month, at(24 * 60 + 7))).toMatchObject({ removed: { events: 1, analytics: 0 } });
    expect(await supabase.query("select event_id from liquidation_events")).toEqual([{ event_id: "1 days" }]);
  });
});

test("the ledger's records are copied to Supabase in order, each once, and whole enough to verify the chain from there", async () => {
  const decision: UnsealedRecord = {
    signal_id: "a",
    created_time: MINUTE + 1_234,
    minute: MINUTE,
    symbol: "BTC",
    window: "15m",
    action: "BUY",
    confidence: 61,
    calibrated_probability: null,
    paper: true,
    reason: "Long flush is exhausted.",
    reason_code: null,
    invalidation: null,
    long_change_pct: 80.5,
    short_change_pct: null,
    statistics: sampleInput({}),
    analyst: "rules",
    model: null,
    prompt_version: null,
    rule_action: "BUY",
  };
  await appendSignal(env.DB, decision);
  // One of an earlier version, without what records have today, and one of today.
  const forecast = { p_up: 0.61, p_down: 0.2, samples_asked: 3, samples_used: 1, expected_net_bps: 12.5 };
  const rules = ruleFields(ruleVerdict(sampleInput({})));
  await appendSignal(env.DB, { ...decision, ...NOT_ASKED, ...forecast, ...rules, signal_id: "b", action: "NOTHING" });
  expect(await signalArchive(env.DB, config, MINUTE)).toEqual({ records: 2, refused: 0, more: false });
  expect(await signalArchive(env.DB, config, MINUTE)).toEqual({ records: 0, refused: 0, more: false });
  await appendSignal(env.DB, { ...decision, signal_id: "c" });
  expect(await signalArchive(env.DB, config, MINUTE)).toEqual({ records: 1, refused: 0, more: false });
  const rows = await supabase.query(
    `select *, (extract(epoch from created_time) * 1000)::float8 as created_time, (extract(epoch from minute) * 1000)::float8 as minute,
            sequence::float8 as sequence from liquidation_signals order by liquidation_signals.sequence`,
  );
  expect(rows).toMatchObject([{ record_version: null, p_up: null }, { record_version: 2, p_up: 0.61, samples_asked: 3 }, {}]);
  const { mismatch, head } = await checkLedger(rows as unknown as SignalRecord[], GENESIS);
  expect(mismatch).toBeNull();
  expect(head.sequence).toBe(3);
  // What stands in ledgers from before replies were refused for it: Postgres takes no NUL.
  await appendSignal(env.DB, { ...decision, signal_id: "d", statistics: { ...sampleInput({}), symbol: "B\0C" } });
  await appendSignal(env.DB, { ...decision, signal_id: "e" });
  expect(await signalArchive(env.DB, config, MINUTE)).toEqual({ records: 1, refused: 1, more: false });
  expect(await supabase.query("select signal_id from liquidation_signals order by sequence")).toEqual(
    ["a", "b", "c", "e"].map((signal_id) => ({ signal_id })),
  );
  expect(await readDeadLetters(env.DB)).toMatchObject([{ queue: "signal_archive", records: 1, newest_time: MINUTE, newest_record: "d" }]);
});

async function storeGrade(record: GradeRecord): Promise<void> {
  const values = GRADE_COLUMNS.map((name) => record[name]);
  const places = GRADE_COLUMNS.map((_, index) => `?${index + 1}`).join(", ");
  await env.DB.prepare(`INSERT INTO signal_grades (${GRADE_COLUMNS.join(", ")}) VALUES (${places})`)
    .bind(...values)
    .run();
}

test("grades are copied to Supabase in the order of their chain, each once, and whole enough to verify it from there", async () => {
  const sealed = await sampleGrade("a", { action: "BUY", rule_action: "SELL", side: "long", hash: "5f".repeat(32) });
  const { sequence: _sequence, previous_hash: _previous, hash: _hash, ...grade } = sealed;
  const chain = [sealed];
  const add = async (changes: Partial<GradeRecord>) => {
    chain.push(await sealGrade({ ...grade, ...changes }, chain.at(-1) ?? GENESIS));
  };
  await add({ signal_id: "b" });
  await add({ signal_id: "c", ...givenGrade("no_exit_mark", null, MINUTE) });
  for (const record of chain) await storeGrade(record);
  expect(await gradeArchive(env.DB, config, MINUTE)).toEqual({ grades: 3, refused: 0, more: false });
  expect(await gradeArchive(env.DB, config, MINUTE)).toEqual({ grades: 0, refused: 0, more: false });
  await add({ signal_id: "d", random_hit_rate: 2 });
  await add({ signal_id: "e" });
  for (const record of chain.slice(3)) await storeGrade(record);
  // What the archive can never store holds up no grade behind it.
  expect(await gradeArchive(env.DB, config, MINUTE)).toEqual({ grades: 1, refused: 1, more: false });
  expect(await readDeadLetters(env.DB)).toMatchObject([{ queue: "grade_archive", records: 1, newest_record: "4" }]);
  const times = ["due_time", "graded_time", "entry_time", "exit_time"].map(
    (name) => `(extract(epoch from ${name}) * 1000)::float8 as ${name}`,
  );
  const rows = await supabase.query(
    `select *, ${times.join(", ")}, sequence::float8 as sequence from liquidation_signal_grades order by liquidation_signal_grades.sequence`,
  );
  expect(rows.map(({ signal_id }) => signal_id)).toEqual(["a", "b", "c", "e"]);
  expect(await checkGrades(rows.slice(0, 3) as unknown as GradeRecord[], GENESIS)).toMatchObject({ head: { sequence: 3 }, mismatch: null });
  const [rights] = await supabase.query(
    `select has_table_privilege('service_role', 'liquidation_signal_grades', 'update') as may_update,
            has_table_privilege('service_role', 'liquidation_signal_grades', 'delete') as may_delete`,
  );
  expect(rights).toEqual({ may_update: false, may_delete: false });
});
