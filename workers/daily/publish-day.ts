import { dailyFileKey, dailyManifestKey, groupKey, includedKey, planKey, workPrefix } from "../../src/daily/daily-keys.ts";
import { type DailyManifest, dailyManifest } from "../../src/daily/manifest.ts";
import { type JoinedFile, joinGroups } from "../../src/daily/parquet-footer.ts";
import type { DailyPlan, IncludedBatches } from "../../src/daily/plan.ts";
import { type RowsSummary, addSummaries } from "../../src/daily/slice-summary.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import type { Stores } from "./stores.ts";
import { deleteAll, hex, listAll, MissingObjectError, readJson, writeJson } from "./bucket.ts";
import { readFooter } from "./published-file.ts";

/**
 * Puts the groups together under the final key, then says which batches the file holds, then writes its manifest.
 * Ended anywhere, it is begun again, since the plan goes last; a file or manifest that is the same stays untouched.
 */
export async function publishDay(env: Stores, plan: DailyPlan, id: string, slices: readonly RowsSummary[], groups: number): Promise<void> {
  const { BUCKET: bucket } = env;
  const summary = addSummaries(slices);
  const keys = Array.from({ length: groups }, (_, group) => groupKey(plan.date, id, group));
  const joined = await joinedFile(bucket, keys, { schema_version: SCHEMA_VERSION, rows: summary.rows, date: plan.date });
  const sha256 = await putFile(bucket, plan.date, keys, joined);
  const batches = [...plan.included, ...plan.batches.map(({ key, etag }) => ({ key, etag }))];
  await writeJson(bucket, includedKey(plan.date), { sha256, batches, hot_impacts: plan.hot_impacts } satisfies IncludedBatches);
  const { gaps, truncated } = await gapsOfDay(env.DB, plan.date);
  await putManifest(bucket, {
    date: plan.date,
    file: dailyFileKey(plan.date),
    bytes: joined.bytes,
    sha256,
    schema_version: SCHEMA_VERSION,
    ...summary,
    gaps: [...gaps],
    gaps_truncated: truncated,
    // Batches of earlier plans may be deleted by now.
    source_batches: (plan.base?.source_batches ?? 0) + plan.batches.length,
    made_time: plan.planned_time,
    row_group_rows: joined.groupRows,
    slices: plan.slices.map(({ start, end }, index) => ({ from_time: start, to_time: end, rows: slices[index]?.rows ?? 0 })),
  });
  await bucket.delete(planKey(plan.date));
  await deleteAll(
    bucket,
    (await listAll(bucket, workPrefix(plan.date))).map(({ key }) => key),
  );
}

interface DayFile extends JoinedFile {
  readonly groupRows: number[];
}

async function joinedFile(bucket: R2Bucket, keys: readonly string[], metadata: Readonly<Record<string, unknown>>): Promise<DayFile> {
  const footers = [];
  for (const key of keys) {
    const object = await bucket.head(key);
    if (object === null) throw new MissingObjectError(key);
    footers.push(await readFooter(bucket, object));
  }
  const joined = joinGroups(
    footers.map((footer) => ({ footer, group: 0 })),
    metadata,
  );
  return { ...joined, groupRows: footers.map(({ rows }) => rows) };
}

/** Reads the pieces twice, so that R2 itself checks that what arrives is what was put together. @returns its SHA-256 */
async function putFile(bucket: R2Bucket, date: string, keys: readonly string[], joined: JoinedFile): Promise<string> {
  const digest = new crypto.DigestStream("SHA-256");
  await pipeFile(bucket, keys, joined, digest);
  const sha256 = await digest.digest;
  const key = dailyFileKey(date);
  const there = await bucket.head(key);
  if (there?.checksums.sha256 !== undefined && hex(there.checksums.sha256) === hex(sha256)) return hex(sha256);
  const body = new FixedLengthStream(joined.bytes);
  const put = bucket.put(key, body.readable, { sha256, httpMetadata: { contentType: "application/vnd.apache.parquet" } });
  // The put is waited for even where a piece is gone: it then fails for want of bytes, and leaves what was there.
  const [piped, stored] = await Promise.allSettled([pipeFile(bucket, keys, joined, body.writable), put]);
  if (piped.status === "rejected") throw piped.reason;
  if (stored.status === "rejected") throw stored.reason;
  return hex(sha256);
}

async function pipeFile(bucket: R2Bucket, keys: readonly string[], joined: JoinedFile, to: WritableStream): Promise<void> {
  try {
    await writeTo(to, joined.head);
    for (const [index, { from, to: end }] of joined.ranges.entries()) {
      const key = keys[index] ?? "";
      const piece = await bucket.get(key, { range: { offset: from, length: end - from } });
      if (piece === null) throw new MissingObjectError(key);
      await piece.body.pipeTo(to, { preventClose: true });
    }
    await writeTo(to, joined.tail);
    await to.close();
  } catch (error) {
    await to.abort(error).catch(() => undefined);
    throw error;
  }
}

async function writeTo(to: WritableStream, bytes: Uint8Array): Promise<void> {
  const writer = to.getWriter();
  await writer.write(bytes);
  writer.releaseLock();
}

/** A gap that lasted over midnight ends later, and some are learnt of late: the manifest follows. */
export async function refreshGaps(env: Stores, manifest: DailyManifest, now: number): Promise<void> {
  const { gaps, truncated } = await gapsOfDay(env.DB, manifest.date);
  await putManifest(env.BUCKET, { ...manifest, gaps: [...gaps], gaps_truncated: truncated, made_time: now });
}

async function gapsOfDay(db: D1Database, date: string) {
  const start = Date.parse(date);
  return gapsOf(await gapsInRange(db, EXCHANGES, { start, end: start + DAY_MS }).all());
}

async function putManifest(bucket: R2Bucket, manifest: DailyManifest): Promise<void> {
  const key = dailyManifestKey(manifest.date);
  const before = await readJson(bucket, key, dailyManifest);
  const { made_time: made } = before ?? manifest;
  if (before !== null && JSON.stringify(before) === JSON.stringify({ ...manifest, made_time: made })) return;
  await writeJson(bucket, key, dailyManifest.parse(manifest));
}
