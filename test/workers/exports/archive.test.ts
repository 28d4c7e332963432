import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { ExportRequest } from "../../../src/exports/export-request.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { claimExport, insertExport } from "../../../workers/exports/export-rows.ts";
import { runPart } from "../../../workers/exports/run-part.ts";
import { supabaseSink } from "../../../workers/sinks/supabase.ts";
import { rawApiClient } from "../api/api-client.ts";
import { ADMIN_TOKEN, NOW, event, exportClient, store, UNFILTERED } from "./exports-stage.ts";
import { DAY, sampleBatch } from "../sample-liquidation.ts";
import { type OwnSupabase, ownSupabase } from "../supabase/supabase-stack.ts";
import { emptyStorage } from "../empty-storage.ts";

let supabase: OwnSupabase;
/** Three days before the day whose batches are in the bucket. */
const OLD = DAY - 3 * DAY_MS;

beforeAll(async () => {
  supabase = await ownSupabase();
});

afterEach(emptyStorage);

const old = (n: number, changes: Partial<Liquidation> = {}) =>
  event(n, { event_time: OLD + n * MINUTE_MS, received_time: OLD + n * MINUTE_MS, ...changes });

async function archive(rows: readonly Liquidation[]): Promise<void> {
  const outcome = await supabaseSink.write(env, parseConfig({ ...supabase.variables }), sampleBatch(rows));
  expect(outcome).toMatchObject({ kind: "stored", refused: [] });
}

/** Runs an export to its end, some rows at a time. */
async function run(id: string, changes: Partial<ExportRequest> = {}, variables: Readonly<Record<string, string>> = supabase.variables) {
  const request = {
    start: OLD,
    // A day that the bucket has something of asks the archive for each ten minutes of it.
    end: DAY + HOUR_MS,
    format: "json",
    compression: "none",
    ...UNFILTERED,
    ...changes,
  } as const;
  await insertExport(env.DB, { export_id: id, owner: "admin", request, estimated_rows: 0, created_time: NOW, idempotency: null });
  const number = (await claimExport(env.DB, id, NOW)) ?? 0;
  const deps = { now: () => NOW, feedStatuses: () => Promise.resolve([]) };
  for (let outcome = "more"; outcome === "more";) {
    outcome = await runPart(env, parseConfig({ ...variables }), deps, id, number, { objects: 500, rows: 1 });
  }
  const { data } = (await exportClient()("GET", `/v1/exports/${id}`)).body;
  const [{ path }] = data.downloads as readonly [{ readonly path: string }];
  const response = await rawApiClient(NOW, { ADMIN_TOKEN })(path, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  return { manifest: data.manifest, rows: (await response.json()) as readonly Liquidation[] };
}

test("days that are not in the bucket come from the archive, page by page, in one order with the others", async () => {
  const archived = Array.from({ length: 1_205 }, (_, n) => old(n));
  await archive([...archived, old(5, { event_id: "other", symbol: "ETH" })]);
  await store([event(1), event(2)]);
  const { rows, manifest } = await run("exp_both", { symbols: ["BTC"] });
  expect(rows).toEqual([...archived, event(1), event(2)]);
  expect(manifest.sources).toEqual([
    { start: OLD, end: DAY, source: "archive" },
    { start: DAY, end: DAY + HOUR_MS, source: "batches" },
  ]);
  expect(manifest.not_covered).toEqual([]);
});

test("what the archive does not keep as long is said to be lacking", async () => {
  await store([event(1)]);
  const { manifest } = await run(
    "exp_short",
    {},
    { ...supabase.variables, LIQUIDATION_SUPABASE_RETENTION_DAYS: "4", LIQUIDATION_DAILY_RETENTION_DAYS: "3" },
  );
  expect(manifest.not_covered).toMatchObject([{ start: OLD, end: NOW - 4 * DAY_MS, code: "archive_expired" }]);
});

test("without an archive, days older than files are kept are said to be lacking, younger ones were quiet", async () => {
  await store([event(1)]);
  const { manifest } = await run("exp_off", {}, { LIQUIDATION_DAILY_RETENTION_DAYS: "4" });
  expect(manifest.not_covered).toMatchObject([{ start: OLD, end: NOW - 4 * DAY_MS, code: "archive_off" }]);
});

test("an archive that does not respond fails the part, which finds its place again", async () => {
  await archive([old(2_000)]);
  await supabase.pause();
  await expect(run("exp_down", { start: OLD + 1_900 * MINUTE_MS })).rejects.toThrow("does not respond");
  await supabase.resume();
  const { rows } = await run("exp_up", { start: OLD + 1_900 * MINUTE_MS });
  expect(rows).toEqual([old(2_000)]);
});

test("a day that the bucket has only a part of is made whole by the archive, each event once", async () => {
  const early = [event(1), event(2), event(3, { symbol: "ETH" })];
  await archive([...early, event(600)]);
  await store([event(600)]);
  const { rows } = await run("exp_partial", { start: DAY, end: DAY + 11 * HOUR_MS });
  expect(rows).toEqual([...early, event(600)]);
});
