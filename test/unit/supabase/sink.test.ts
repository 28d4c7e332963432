import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSupabase } from "../../../scripts/supabase/embedded.ts";
import type { EmbeddedSupabase } from "../../../scripts/supabase/embedded.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import type { Batch } from "../../../src/sink.ts";
import { supabaseSink } from "../../../workers/sinks/supabase.ts";
import { storeLiquidations } from "../../../workers/supabase/store-liquidations.ts";
import { configFor } from "./sample-config.ts";
import { sampleLiquidation, sampleLiquidations } from "./sample-liquidation.ts";

let stack: EmbeddedSupabase;

beforeAll(async () => {
  stack = await startSupabase({ dataDir: null });
});
afterAll(() => stack.stop());
beforeEach(async () => {
  await stack.query("truncate liquidation_events");
});
afterEach(() => stack.fail(null));

function batchOf(rows: readonly Liquidation[]): Batch {
  return { exchange: "bybit", epoch: 1, sequence: 1, sealedTime: Date.now(), rows, gaps: [] };
}

const write = (rows: readonly Liquidation[], variables: Readonly<Record<string, string>> = {}) =>
  supabaseSink.write(undefined, configFor(stack, variables), batchOf(rows));

async function storedIds(): Promise<readonly unknown[]> {
  return (await stack.query("select event_id from liquidation_events order by 1")).map((row) => row["event_id"]);
}

const idsOf = (rows: readonly Liquidation[]): readonly string[] => rows.map((row) => row.event_id);

describe("being on", () => {
  test("is off without address and key, and names what is missing", () => {
    expect(supabaseSink.off({}, parseConfig({}))).toBe("Supabase is off: SUPABASE_URL and SUPABASE_SECRET_KEY are not set");
    expect(supabaseSink.off({}, parseConfig({ SUPABASE_URL: "https://example.supabase.co" }))).toBe(
      "Supabase is off: SUPABASE_SECRET_KEY is not set",
    );
    expect(supabaseSink.off({}, configFor(stack))).toBeNull();
  });

  test("syncs at the configured interval", () => {
    expect(supabaseSink.intervalMs(parseConfig({ LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: "7" }))).toBe(7000);
  });
});

describe("storing", () => {
  test("stores a batch in requests of the configured size", async () => {
    const before = stack.requests();
    const rows = sampleLiquidations(25);
    expect(await write(rows, { LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: "10" })).toEqual({ kind: "stored", refused: [] });
    expect(stack.requests() - before).toBe(3);
    expect(await storedIds()).toEqual(idsOf(rows));
  });

  test("stores every event once, however often and in whatever batches it is written", async () => {
    const rows = sampleLiquidations(30);
    await write(rows.slice(0, 20));
    await write(rows.slice(10));
    await write([...rows.slice(5, 8), ...rows.slice(5, 8)]);
    expect(await storedIds()).toEqual(idsOf(rows));
  });

  test("leaves a stored event unchanged", async () => {
    await write([sampleLiquidation(1, { usd_value: 5 })]);
    await write([sampleLiquidation(1, { usd_value: 6 })]);
    expect(await stack.query("select usd_value from liquidation_events")).toEqual([{ usd_value: 5 }]);
  });

  test.each(["secretKey", "serviceRoleKey"] as const)("is let in with the project's %s", async (name) => {
    expect(await write(sampleLiquidations(1), { SUPABASE_SECRET_KEY: stack[name] })).toEqual({ kind: "stored", refused: [] });
  });

  test("stores events of any month", async () => {
    const old = sampleLiquidation(1, { event_time: Date.UTC(2021, 4, 19), received_time: Date.UTC(2021, 4, 19) });
    expect(await write([old])).toEqual({ kind: "stored", refused: [] });
    expect(await storedIds()).toEqual([old.event_id]);
  });
});

describe("outages", () => {
  test("keeps failing while nothing answers, and stores every event once when it is back", async () => {
    const rows = sampleLiquidations(30);
    await stack.pause();
    for (let round = 0; round < 3; round += 1) {
      expect(await write(rows)).toEqual({ kind: "failed", error: expect.stringContaining("does not respond"), retryAfterMs: null });
    }
    await stack.resume();
    expect(await write(rows)).toEqual({ kind: "stored", refused: [] });
    expect(await storedIds()).toEqual(idsOf(rows));
  });

  test("stores an event once where the answer to a committed request was lost", async () => {
    const rows = sampleLiquidations(10);
    stack.fail({ kind: "lose-answer" });
    expect(await write(rows)).toMatchObject({ kind: "failed", error: expect.stringContaining("500") });
    expect(await storedIds()).toEqual(idsOf(rows));
    stack.fail(null);
    expect(await write(rows)).toEqual({ kind: "stored", refused: [] });
    expect(await storedIds()).toEqual(idsOf(rows));
  });

  test("goes on with what is left where an outage began between two requests", async () => {
    const rows = [...sampleLiquidations(10), ...sampleLiquidations(10, 100)];
    await write(rows.slice(0, 10));
    stack.fail({ kind: "answer", status: 503, body: "" });
    expect(await write(rows)).toMatchObject({ kind: "failed", error: expect.stringContaining("503") });
    stack.fail(null);
    await write(rows);
    expect(await storedIds()).toEqual(idsOf(rows));
  });

  test("gives up on a slow answer, and stores once what the slow request stored too", async () => {
    const rows = sampleLiquidations(5);
    stack.fail({ kind: "delay", ms: 400 });
    expect(await storeLiquidations(configFor(stack), rows, 50)).toMatchObject({
      kind: "failed",
      error: expect.stringContaining("no response within 0.05 s"),
    });
    expect(await storeLiquidations(configFor(stack), rows)).toEqual({ kind: "stored", refused: [] });
    expect(await storedIds()).toEqual(idsOf(rows));
  });

  test("waits as long as a rate limit asks for", async () => {
    stack.fail({ kind: "answer", status: 429, body: '{"message":"slow down"}', headers: { "retry-after": "17" } });
    expect(await write(sampleLiquidations(1))).toEqual({
      kind: "failed",
      error: expect.stringContaining("429 slow down"),
      retryAfterMs: 17_000,
    });
  });

  test("does not take an empty 404 or a redirect for success", async () => {
    for (const fault of [
      { kind: "answer", status: 404, body: "" },
      { kind: "answer", status: 404, body: "[]" },
      { kind: "answer", status: 302, body: "", headers: { location: "/" } },
    ] as const) {
      stack.fail(fault);
      expect(await write(sampleLiquidations(1))).toMatchObject({ kind: "failed", error: expect.stringContaining(String(fault.status)) });
    }
  });
});

describe("what a person has to mend", () => {
  test.each(["sb_secret_wrong-0123456789", "not-a-key-0123456789"])("says that the key is wrong and does not show it", async (key) => {
    const outcome = await write(sampleLiquidations(1), { SUPABASE_SECRET_KEY: key });
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("rejects SUPABASE_SECRET_KEY") });
    expect(JSON.stringify(outcome)).not.toContain(key);
  });

  test("says that the key is wrong where it is the public one", async () => {
    const outcome = await write(sampleLiquidations(1), { SUPABASE_SECRET_KEY: stack.publishableKey });
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("rejects SUPABASE_SECRET_KEY") });
  });

  test("does not repeat a key that the answer repeats", async () => {
    stack.fail({ kind: "answer", status: 401, body: JSON.stringify({ message: `bad key ${stack.secretKey}` }) });
    expect(JSON.stringify(await write(sampleLiquidations(1)))).not.toContain(stack.secretKey);
  });

  test.each([true, false])("names the migration of a missing table (schema known to PostgREST: %s)", async (reload) => {
    const rows = sampleLiquidations(3);
    await stack.query("alter table liquidation_events rename to liquidation_events_gone");
    if (reload) await stack.reloadSchema();
    const outcome = await write(rows);
    await stack.query("alter table liquidation_events_gone rename to liquidation_events");
    await stack.reloadSchema();
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("0001_liquidation_events.sql") });
    expect(await write(rows)).toEqual({ kind: "stored", refused: [] });
  });

  test.each([true, false])("names the migrations of a missing column (schema known to PostgREST: %s)", async (reload) => {
    const rows = sampleLiquidations(3);
    await stack.query("alter table liquidation_events rename column volatility_5m to volatility_gone");
    if (reload) await stack.reloadSchema();
    const outcome = await write(rows);
    await stack.query("alter table liquidation_events rename column volatility_gone to volatility_5m");
    await stack.reloadSchema();
    expect(outcome).toMatchObject({
      kind: "failed",
      error: expect.stringMatching(/volatility_5m|a column of liquidation_events is missing/),
    });
    expect(outcome).toMatchObject({ error: expect.stringContaining("0001_liquidation_events.sql") });
    expect(await write(rows)).toEqual({ kind: "stored", refused: [] });
  });
});

describe("refused rows", () => {
  test("isolates the rows that the database refuses, and stores the rest", async () => {
    const rows = sampleLiquidations(40).map((row, index) => {
      if (index === 7) return { ...row, instrument: "BTC\u0000USDT" };
      if (index === 23) return { ...row, mark_age_ms: 3_000_000_000 };
      return row;
    });
    const outcome = await write(rows, { LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: "16" });
    expect(outcome).toEqual({
      kind: "stored",
      refused: [
        { eventId: idsOf(rows)[7], reason: expect.stringContaining("22P05") },
        { eventId: idsOf(rows)[23], reason: expect.stringContaining("22003") },
      ],
    });
    expect(await storedIds()).toEqual(idsOf(rows).filter((_, index) => index !== 7 && index !== 23));
  });

  test("offers all rows again where the store fails while a refused row is being isolated", async () => {
    const rows = [sampleLiquidation(1, { instrument: "\u0000" }), ...sampleLiquidations(7, 10)];
    await stack.query(`create or replace function refuse_all() returns trigger language plpgsql as
      $$ begin raise exception 'disk full' using errcode = '53100'; end $$`);
    await stack.query("create trigger refuse_all before insert on liquidation_events for each row execute function refuse_all()");
    const outcome = await write(rows);
    await stack.query("drop trigger refuse_all on liquidation_events");
    expect(outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("disk full") });
    expect(await write(rows)).toMatchObject({ kind: "stored", refused: [{ eventId: idsOf(rows)[0] }] });
  });
});
