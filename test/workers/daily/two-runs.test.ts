import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { dailyFileKey, dailyManifestKey, includedKey } from "../../../src/daily/daily-keys.ts";
import { storedDailyManifest } from "../../../src/daily/manifest.ts";
import { includedBatches } from "../../../src/daily/plan.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({});
const DATE = "2026-11-20";
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;

afterEach(emptyStorage);

let sequence = 0;
async function store(...rows: readonly Liquidation[]): Promise<void> {
  sequence += 1;
  expect(await r2Sink.write(env, config, { ...sampleBatch(rows, "binance"), sequence })).toMatchObject({ kind: "stored" });
}
const event = (n: number) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * 1000, received_time: DAY + n * 1000 + 50 });

/** File, list and manifest agree, whatever ran. */
async function expectAgreement(expectedIds: readonly string[]): Promise<void> {
  const file = await env.BUCKET.get(dailyFileKey(DATE));
  const bytes = (await file?.bytes()) ?? new Uint8Array();
  const sha256 = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  const manifest = storedDailyManifest.parse(await (await env.BUCKET.get(dailyManifestKey(DATE)))?.json());
  const list = includedBatches.parse(await (await env.BUCKET.get(includedKey(DATE)))?.json());
  expect([manifest.sha256, list.sha256]).toEqual([sha256, sha256]);
  expect(manifest.rows).toBe(expectedIds.length);
  expect(readLiquidations(bytes).map(({ event_id }) => event_id)).toEqual(expectedIds);
}

/** Stands between a run and the bucket, and stops the run before its `count`th write until it is released. */
function stoppingBefore(count: number) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let writes = 0;
  const bucket = new Proxy(env.BUCKET, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return async (...given: unknown[]) => {
        if (name === "put" || name === "delete") {
          writes += 1;
          if (writes === count) {
            reached.resolve();
            await released.promise;
          }
        }
        return (value as (...all: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  return { env: { ...env, BUCKET: bucket }, reached: reached.promise, release: () => released.resolve() };
}

test("of two runs at once one works, and the other leaves at once", async () => {
  await store(event(1), event(2));
  const records = await Promise.all([dailyFiles(env, config, CLOSED), dailyFiles(env, config, CLOSED)]);
  expect(records.filter((record) => "skipped" in record)).toHaveLength(1);
  expect(records).toContainEqual(expect.objectContaining({ published: [DATE] }));
  await expectAgreement(["id1", "id2"]);
});

test("a run that was killed keeps others out for no longer than its lease", async () => {
  await store(event(1));
  await env.DB.prepare("INSERT INTO leases VALUES ('daily_files', 'killed', ?)")
    .bind(Date.now() + 60_000)
    .run();
  expect(await dailyFiles(env, config, CLOSED)).toEqual({ skipped: "another run is at work" });
  await env.DB.prepare("UPDATE leases SET until_time = ?")
    .bind(Date.now() - 1)
    .run();
  expect(await dailyFiles(env, config, CLOSED)).toMatchObject({ published: [DATE] });
});

/** The writes of a first file: plan, slice, group, file, list, manifest, and two deletions. */
const WRITES = 8;

test.for(Array.from({ length: WRITES }, (_, index) => index + 1))(
  "a run that stalls before write %i beyond its lease leaves file, list and manifest of the run that overtook it twice",
  async (write) => {
    await store(event(1), event(2));
    const stalled = stoppingBefore(write);
    const run = dailyFiles(stalled.env, config, CLOSED).then(
      () => "ended",
      () => "failed",
    );
    await stalled.reached;
    const overtake = async (time: number) => {
      await env.DB.prepare("UPDATE leases SET until_time = 0").run();
      await dailyFiles(env, config, time);
    };
    await overtake(CLOSED + HOUR_MS);
    await store(event(3));
    await overtake(CLOSED + 2 * HOUR_MS);
    await expectAgreement(["id1", "id2", "id3"]);
    stalled.release();
    await run;
    await expectAgreement(["id1", "id2", "id3"]);
    await store(event(4));
    await overtake(CLOSED + 3 * HOUR_MS);
    await overtake(CLOSED + 4 * HOUR_MS);
    await expectAgreement(["id1", "id2", "id3", "id4"]);
  },
);
