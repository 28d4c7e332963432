import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Gap } from "../../../src/gap.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { addJobRuns } from "../../../workers/d1/job-runs.ts";
import { apiClient } from "./api-client.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { DAY } from "../sample-liquidation.ts";

const symbol = (events: number) => ({ long_events: events, long_usd: events * 10, short_events: 1, short_usd: 5 });
const gap: Gap = { exchange: "okx", from_time: DAY, to_time: null, reason: "silent" };

const get = apiClient(
  DAY,
  { LIQUIDATION_EXCHANGES: "binance,okx,bitfinex", TELEGRAM_BOT_TOKEN: "t0ken", SUPABASE_URL: "https://example.supabase.co" },
  () =>
    Promise.resolve([
      { exchange: "binance", status: sampleFeedStatus({ symbols: { BTC: symbol(2), ETH: symbol(1) } }), error: null },
      {
        exchange: "okx",
        status: sampleFeedStatus({ exchange: "okx", state: "stale", open_gap: gap, symbols: { BTC: symbol(3) } }),
        error: null,
      },
      { exchange: "bitfinex", status: null, error: "the object did not answer" },
    ]),
);

test("status shows every venue: how it is, that it is off, or why it could not be asked", async () => {
  const { status, body } = await get("/v1/status");
  expect(status).toBe(200);
  expect(body.data.exchanges).toMatchObject([
    { exchange: "binance", state: "live", error: null },
    { exchange: "bybit", state: "off", error: "not in LIQUIDATION_EXCHANGES" },
    { exchange: "okx", state: "stale", open_gap: gap },
    { exchange: "kucoin", state: "off" },
    { exchange: "bitfinex", state: null, error: "the object did not answer" },
    ...EXCHANGES.slice(5).map((exchange) => ({ exchange, state: "off" })),
  ]);
  expect(body.meta.gaps).toEqual([gap]);
  expect(Object.keys(body.meta.coverage)).toEqual(["binance", "okx", "bitfinex"]);
});

test("status adds up symbols over the venues", async () => {
  const { body } = await get("/v1/status");
  expect(body.data.symbols).toEqual({
    BTC: { long_events: 5, long_usd: 50, short_events: 2, short_usd: 10 },
    ETH: { long_events: 1, long_usd: 10, short_events: 1, short_usd: 5 },
  });
});

test("status says which parts are off and what each one misses, and shows no secret", async () => {
  const { body } = await get("/v1/status");
  expect(body.data.parts_off).toEqual([
    { part: "supabase", reason: "SUPABASE_SECRET_KEY is not set" },
    { part: "deepseek", reason: "DEEPSEEK_KEY is not set" },
    { part: "coinalyze", reason: "COINALYZE_KEY is not set" },
    { part: "telegram", reason: "TELEGRAM_CHAT_ID is not set" },
    { part: "discord", reason: "DISCORD_WEBHOOK_URL is not set" },
    { part: "admin", reason: "ADMIN_TOKEN is not set" },
    { part: "pipeline", reason: "the binding LIQUIDATION_STREAM is missing" },
  ]);
  expect(JSON.stringify(body)).not.toContain("t0ken");
  expect(body.data.versions.schema).toBe(SCHEMA_VERSION);
  expect(body.data.versions.adapters).toHaveProperty("bybit", expect.any(Number));
  expect(body.data.versions.worker).toMatch(/^[0-9a-f-]{36}$/);
});

test("status says how each job of the cron fares, with the error of its last run", async () => {
  const run = { ms: 42, error: null, rows_read: 5, rows_written: 1 };
  await addJobRuns(
    env.DB,
    [
      { ...run, job: "grades" },
      { ...run, job: "signals" },
    ],
    DAY,
  );
  await addJobRuns(
    env.DB,
    [
      { ...run, job: "grades" },
      { ...run, job: "signals", error: "the model is out", ms: 3 },
    ],
    DAY + 60_000,
  );
  const { body } = await apiClient(DAY + 120_000, {}, () => Promise.resolve([]))("/v1/status");
  expect(body.data.jobs).toEqual([
    {
      job: "grades",
      runs: 2,
      failures: 0,
      last_run_time: DAY + 60_000,
      last_success_time: DAY + 60_000,
      last_duration_ms: 42,
      last_error: null,
    },
    {
      job: "signals",
      runs: 2,
      failures: 1,
      last_run_time: DAY + 60_000,
      last_success_time: DAY,
      last_duration_ms: 3,
      last_error: "the model is out",
    },
  ]);
});
