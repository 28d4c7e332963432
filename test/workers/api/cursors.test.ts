import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { decodeCursor, encodeCursor } from "../../../workers/api/http/cursor.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { insertExport } from "../../../workers/exports/export-rows.ts";
import { insertKey } from "../../../workers/access/keys.ts";
import { putRawFile } from "../../../workers/r2/raw-files.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { ADMIN_TOKEN, event, store, UNFILTERED } from "../exports/exports-stage.ts";
import { DAY, sampleBatch } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";
import * as z from "zod";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 2 * DAY_MS + 3 * HOUR_MS;
/** An archive that answers nothing: a cursor that reaches it gets a 503 and not a 400. */
const get = apiClient(NOW, { ADMIN_TOKEN, SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" });
const admin = { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } };

/** Every list by its operation, with a request that has a second page; the largest liquidations have cursors of another form. */
const LISTS: Readonly<Record<string, string>> = {
  listSymbols: "/v1/symbols?limit=1",
  listLiquidations: "/v1/liquidations?limit=1",
  listLargest: "/v1/liquidations?sort=usd&limit=1",
  listRawFiles: "/v1/raw?limit=1",
  listTotals: `/v1/totals?symbol=BTC&limit=1&start=${NOW - 4 * HOUR_MS}`,
  listCascades: "/v1/cascades?limit=1&threshold_usd=0",
  listGaps: "/v1/gaps?limit=1",
  listSignals: "/v1/signals?limit=1",
  listGrades: "/v1/signals/grades?limit=1",
  listDatasets: "/v1/datasets?limit=1",
  listDatasetChanges: "/v1/datasets/changes?limit=1",
  listExports: "/v1/exports?limit=1",
  listKeys: "/v1/keys?limit=1",
  listDeliveries: "/v1/webhooks/whe_1/deliveries?limit=1",
  listRuleEvents: "/v1/rules/rul_1/events?limit=1",
};
const withCursor = OPERATIONS.filter(({ doc }) => Object.hasOwn(doc.query.shape, "cursor")).map(({ doc }) => doc.id);

beforeEach(async () => {
  const days = [0, 1].map((day) => event((day * DAY_MS) / MINUTE_MS));
  for (const row of days) await store([row]);
  await dailyFiles(env, parseConfig({}), NOW);
  const recent = [1, 2].map((hours) => event((NOW - DAY - hours * HOUR_MS) / MINUTE_MS));
  await d1Sink.write(env, parseConfig({}), sampleBatch(recent));
  const gaps = [1, 2].map((hour) => ({ exchange: "okx", from_time: NOW - hour * HOUR_MS, to_time: NOW, reason: "silent" }) as const);
  await d1Sink.writeNotes?.(env, { exchange: "okx", gaps, minuteMarks: [] });
  for (const hours of [1, 2]) {
    const time = NOW - hours * HOUR_MS;
    const file = {
      exchange: "okx",
      epoch: DAY,
      firstSequence: hours,
      lines: ["{}"],
      firstReceivedTime: time,
      lastReceivedTime: time,
    } as const;
    await putRawFile(env.BUCKET, file);
  }
  const key = { name: "k", scopes: ["read"] as const, requests_per_day: null, export_rows_per_day: null, expires_time: null };
  const request = { start: DAY, end: NOW, format: "csv", compression: "none", ...UNFILTERED } as const;
  for (const n of [1, 2]) {
    await insertKey(env.DB, key, NOW - n);
    const made = { export_id: `exp_${n}`, owner: "admin", request, estimated_rows: 1, created_time: NOW - n, idempotency: null };
    await insertExport(env.DB, made);
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO cascades (cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd, peak_usd_per_s, first_exchange, exchanges, start_mark, extreme_mark, move_bps, severity, market_wide, gaps, constants, updated_time, peak_5s_usd) VALUES (?1, 'BTC', 'long', 'ended', ?2, ?2, ?2, 1, 9, 1, 'okx', '[]', 1, 1, 1, 1, 0, '[]', '{}', ?2, NULL)",
      ).bind(`c${n}`, NOW - n * HOUR_MS),
      env.DB.prepare(
        `INSERT INTO signals (sequence, signal_id, created_time, minute, symbol, "window", action, confidence, calibrated_probability, paper, reason, reason_code, invalidation, long_change_pct, short_change_pct, statistics, analyst, model, prompt_version, rule_action, input_hash, previous_hash, hash) VALUES (?1, ?2, ?3, ?3, 'BTC', '15m', 'NOTHING', 0, NULL, 1, '', NULL, NULL, NULL, NULL, '{}', 'rules', NULL, NULL, 'NOTHING', ?2, ?2, ?2)`,
      ).bind(n, `s${n}`, NOW - n * HOUR_MS),
      env.DB.prepare(
        "INSERT INTO signal_grades (signal_id, horizon, due_time, graded_time, version, signal_hash, sequence, previous_hash, hash) VALUES (?2, '1h', ?3, ?3, 2, ?2, ?1, ?2, ?2)",
      ).bind(n, `s${n}`, NOW - n * HOUR_MS),
      env.DB.prepare(
        "INSERT INTO webhook_deliveries VALUES ('whe_1', ?1, ?2, 'e', 'webhook.test', NULL, 'failed', 1, NULL, NULL, '[]')",
      ).bind(NOW - n, `msg_${n}`),
      env.DB.prepare("INSERT INTO rule_events VALUES ('rul_1', ?1, ?2, 'fired', 'BTC', ?3, ?1)").bind(
        NOW - n,
        `evt_${n}`,
        JSON.stringify({ values: { usd_value: 2_000_000 }, liquidation_id: null, silent_exchanges: [] }),
      ),
    ]);
  }
  await env.DB.prepare(
    `INSERT INTO rules (rule_id, owner, name, rule, symbols, enabled, version, created_time) VALUES ('rul_1', 'admin', 'Large', 'usd_value >= 1_000_000', '["BTC"]', 1, 1, 1)`,
  ).run();
  await env.DB.prepare(
    "INSERT INTO webhook_endpoints (endpoint_id, owner, sees_all, state, url, format, events, symbols, created_time) VALUES ('whe_1', 'admin', 1, 'open', 'https://a.example', 'standard', '[]', '[]', 1)",
  ).run();
});

afterEach(emptyStorage);

const anything = z.array(z.union([z.string(), z.number()]));
const fingerprintIn = (cursor: string): string => (JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))) as [string])[0];

const ABSURD_TIMES = [-1, 0.5, 1e13 * 1e4, 253_402_300_800_001, Number.MAX_SAFE_INTEGER];
const ABSURD_NAMES = ["", "\u0000", "\uD800", "a".repeat(5_000), "x\u0007"];

/** The cursors that this API never issued for this query: the place of a true one with absurd values, correctly sealed. */
function sealedForgeries(cursor: string): readonly string[] {
  const fingerprint = fingerprintIn(cursor);
  const place = decodeCursor(cursor, fingerprint, anything);
  const edited = place.flatMap((value, index) => {
    const absurd = typeof value === "number" ? [...ABSURD_TIMES, "text"] : [...ABSURD_NAMES, 7];
    const possible = isValue(place, index) ? [0.5] : [];
    return absurd.filter((other) => !possible.includes(Number(other))).map((other) => place.map((one, at) => (at === index ? other : one)));
  });
  return [[], place.slice(1), [...place, 1], ...edited].map((other) => encodeCursor(fingerprint, other));
}

/** Whether a place holds a value in USD here, which need not be whole. */
function isValue(place: readonly unknown[], index: number): boolean {
  return place.length === 4 && typeof place[3] === "string" && index === 2 && Number(place[2]) < 1e9;
}

/** A true cursor, damaged. */
function damaged(cursor: string): readonly string[] {
  const flipped = Array.from({ length: 24 }, (_, n) => {
    const at = Math.floor((n * cursor.length) / 24);
    return `${cursor.slice(0, at)}${cursor[at] === "A" ? "B" : "A"}${cursor.slice(at + 1)}`;
  });
  const texts = ["", "null", "[]", "{}", "[[]]", '["x"]', "1e999", "\u0000"].map((text) => btoa(text).replaceAll("=", ""));
  return [...flipped, cursor.slice(0, -3), cursor.slice(3), `${cursor}A`, cursor.repeat(2), ...texts, "%F0%9F", "💥", "-".repeat(1_001)];
}

test("every operation with a cursor is walked", () => {
  expect(Object.keys(LISTS).toSorted()).toEqual([...withCursor, "listLargest"].toSorted());
});

test("a true cursor is answered; a damaged, forged or foreign one is a 400 on every list", async () => {
  const cursors = new Map<string, string>();
  for (const [id, path] of Object.entries(LISTS)) {
    const { status, body } = await get(path, admin);
    expect(status, `${id} ${JSON.stringify(body)}`).toBe(200);
    expect(body.meta.next_cursor, id).not.toBeNull();
    cursors.set(id, body.meta.next_cursor);
    const next = await get(`${path}&cursor=${body.meta.next_cursor}`, admin);
    expect(next.status, `${id} ${JSON.stringify(next.body)}`).toBe(200);
  }
  for (const [id, path] of Object.entries(LISTS)) {
    const own = cursors.get(id) ?? "";
    const foreign = [...cursors].filter(([other]) => other !== id).map(([, cursor]) => cursor);
    for (const cursor of [...damaged(own), ...foreign, ...sealedForgeries(own)]) {
      const { status, body } = await get(`${path}&cursor=${encodeURIComponent(cursor)}`, admin);
      expect({ id, cursor, status, errors: body.errors?.length, parameter: body.errors?.[0].parameter }).toEqual({
        id,
        cursor,
        status: 400,
        errors: 1,
        parameter: "cursor",
      });
    }
  }
});
