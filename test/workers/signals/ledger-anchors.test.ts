import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Config, parseConfig } from "../../../src/config.ts";
import { dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { storedDailyManifest } from "../../../src/daily/manifest.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { DAY_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { grades } from "../../../workers/cron/grades.ts";
import { gradesAfter } from "../../../workers/signals/grade-rows.ts";
import { anchorArchive, ledgerAnchors } from "../../../workers/cron/ledger-anchors.ts";
import { appendSignal } from "../../../workers/signals/append-signal.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { sampleInput } from "../../unit/signals/sample-input.ts";
import { apiClient } from "../api/api-client.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { type OwnSupabase, ownSupabase } from "../supabase/supabase-stack.ts";
import { until } from "../until.ts";
import { openInbox } from "../webhooks/webhook-inbox.ts";
import { MINUTE, workerEnv } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

const DAY_START = floorTo(MINUTE, DAY_MS);
const DATE = new Date(DAY_START).toISOString().slice(0, 10);
/** The first minute after the day. */
const MIDNIGHT = DAY_START + DAY_MS;
const config = parseConfig({});

const NO_GRADES = { grades_sequence: GENESIS.sequence, grades_hash: GENESIS.hash };

afterEach(emptyStorage);

async function decide(signal_id: string) {
  return appendSignal(env.DB, {
    signal_id,
    created_time: MINUTE,
    minute: MINUTE,
    symbol: "BTC",
    window: "15m",
    action: "BUY",
    confidence: 61,
    calibrated_probability: null,
    paper: true,
    reason: "r",
    reason_code: null,
    invalidation: null,
    long_change_pct: 80.5,
    short_change_pct: null,
    statistics: sampleInput({}),
    analyst: "rules",
    model: null,
    prompt_version: null,
    rule_action: "BUY",
  });
}

async function subscribed() {
  const token = "s3cret-of-at-least-32-characters-long";
  const inbox = await openInbox();
  const body = JSON.stringify({ url: inbox.url, events: ["ledger.anchored"] });
  const made = await apiClient(MIDNIGHT, { ADMIN_TOKEN: token })("/v1/webhooks", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body,
  });
  expect(made.status).toBe(201);
  return inbox;
}

describe("the ledger is anchored", () => {
  test("once after each UTC day, and receivers get its last record", async () => {
    const inbox = await subscribed();
    await decide("a");
    const { sequence, hash } = await decide("b");
    // The first horizon of the first decision, which has no marks.
    await grades(workerEnv, config, MINUTE + 24 * MINUTE_MS);
    const [graded] = await gradesAfter(env.DB, 0, 1);
    expect(graded).toMatchObject({ sequence: 1, problem: "no_entry_mark" });
    await env.DB.exec("UPDATE signal_grades SET sequence = NULL, previous_hash = NULL WHERE sequence > 1");
    expect(await ledgerAnchors(workerEnv, config, MIDNIGHT)).toEqual({ anchored: DATE, published: [DATE] });
    await decide("c");
    expect(await ledgerAnchors(workerEnv, config, MIDNIGHT + MINUTE_MS)).toEqual({ anchored: null, published: [] });
    await until("the webhook arrived", async () => (await inbox.received()).length === 1);
    const [delivery] = await inbox.received();
    expect(JSON.parse(delivery?.body ?? "")).toEqual({
      type: "ledger.anchored",
      timestamp: new Date(MIDNIGHT).toISOString(),
      data: { date: DATE, sequence, hash, grades_sequence: 1, grades_hash: graded?.hash, anchored_time: MIDNIGHT },
    });
    expect(await ledgerAnchors(workerEnv, config, MIDNIGHT + DAY_MS)).toMatchObject({ anchored: expect.any(String) });
  });

  test("before its first record too, so that a record dated back is seen", async () => {
    await ledgerAnchors(workerEnv, config, MIDNIGHT);
    const { sequence, hash } = GENESIS;
    expect(await env.DB.prepare("SELECT sequence, hash, grades_sequence, grades_hash FROM ledger_anchors").first()).toEqual({
      ...GENESIS,
      grades_sequence: sequence,
      grades_hash: hash,
    });
  });

  test("in the day's manifest, which keeps its anchor when the ledger is cut and the file is made again", async () => {
    const { sequence, hash } = await decide("a");
    const store = (n: number) => {
      const event_time = DAY_START + n * 1_000;
      const row = sampleLiquidation({ event_id: `id${n}`, event_time, received_time: event_time });
      return r2Sink.write(workerEnv, config, { ...sampleBatch([row], "binance"), sequence: n });
    };
    const manifest = async () => storedDailyManifest.parse(await (await env.BUCKET.get(dailyManifestKey(DATE)))?.json());
    await store(1);
    await ledgerAnchors(workerEnv, config, MIDNIGHT);
    await dailyFiles(env, config, MIDNIGHT + 5 * MINUTE_MS);
    expect((await manifest()).ledger).toEqual({ sequence, hash, ...NO_GRADES, anchored_time: MIDNIGHT });
    const { body } = await apiClient(MIDNIGHT)(`/v1/datasets/${DATE}`);
    expect(body.data.ledger).toEqual({ sequence, hash, ...NO_GRADES, anchored_time: MIDNIGHT });
    await env.DB.exec("DELETE FROM signals; UPDATE ledger_anchors SET sequence = 0");
    await store(2);
    await dailyFiles(env, config, MIDNIGHT + 65 * MINUTE_MS);
    expect(await manifest()).toMatchObject({ rows: 2, ledger: { sequence, hash } });
  });
});

describe("the archive", () => {
  let supabase: OwnSupabase;
  let archived: Config;
  beforeAll(async () => {
    supabase = await ownSupabase();
    archived = parseConfig(supabase.variables);
  });

  test("gets each anchor once, also those from while it was down or off, and changes none", async () => {
    const { sequence, hash } = await decide("a");
    await ledgerAnchors(workerEnv, config, MIDNIGHT);
    expect(await anchorArchive(env.DB, config, MIDNIGHT)).toHaveProperty("off");
    await supabase.fail({ kind: "answer", status: 503, body: "" });
    await expect(anchorArchive(env.DB, archived, MIDNIGHT)).rejects.toThrow(/503/);
    await supabase.fail(null);
    expect(await anchorArchive(env.DB, archived, MIDNIGHT)).toEqual({ anchors: 1, refused: 0 });
    expect(await anchorArchive(env.DB, archived, MIDNIGHT)).toEqual({ anchors: 0, refused: 0 });
    // Whoever rewrites D1 cannot rewrite the copy with the service key.
    await env.DB.exec(`UPDATE ledger_anchors SET hash = '${"0".repeat(64)}', archived_time = NULL`);
    await anchorArchive(env.DB, archived, MIDNIGHT);
    const rows = await supabase.query(
      "select date::text, sequence::int, hash, grades_sequence::int, grades_hash from liquidation_ledger_anchors",
    );
    expect(rows).toEqual([{ date: DATE, sequence, hash, ...NO_GRADES }]);
    const [rights] = await supabase.query(
      `select has_table_privilege('service_role', 'liquidation_ledger_anchors', 'update') as may_update,
              has_table_privilege('service_role', 'liquidation_ledger_anchors', 'delete') as may_delete`,
    );
    expect(rights).toEqual({ may_update: false, may_delete: false });
  });
});
