import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import { rawRetention } from "../../../workers/cron/raw-retention.ts";
import { putRawFile } from "../../../workers/r2/raw-files.ts";
import { DAY } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

const dates = async () => (await env.BUCKET.list()).objects.map(({ key }) => /date=([\d-]+)/.exec(key)?.[1]);
const keep = (days: number) => ({ LIQUIDATION_RAW_RETENTION_DAYS: days });

async function store(...times: readonly number[]): Promise<void> {
  for (const time of times) {
    await putRawFile(env.BUCKET, {
      exchange: "okx",
      epoch: DAY,
      firstSequence: time,
      lines: ["{}"],
      firstReceivedTime: time,
      lastReceivedTime: time,
    });
  }
}

test("raw files older than their retention are deleted once per hour, by whole UTC dates", async () => {
  await store(DAY - 3 * DAY_MS, DAY - 2 * DAY_MS - 1, DAY - 2 * DAY_MS, DAY);
  const before = await env.BUCKET.put("liquidations/v1/date=2020-01-01/other", "");
  expect(before).not.toBeNull();
  expect(await rawRetention(env, keep(2), DAY + HOUR_MS)).toEqual({ files_deleted: 2, more: false });
  expect(await dates()).toEqual(["2020-01-01", "2026-11-18", "2026-11-20"]);
  await store(DAY - 9 * DAY_MS);
  expect(await rawRetention(env, keep(2), DAY + HOUR_MS + 60_000)).toEqual({ files_deleted: 0, more: false });
  expect(await rawRetention(env, keep(2), DAY + 2 * HOUR_MS)).toEqual({ files_deleted: 1, more: false });
});

test("of very many dates a run deletes some and the next one goes on", async () => {
  await store(...Array.from({ length: 52 }, (_, index) => DAY - (index + 1) * DAY_MS));
  expect(await rawRetention(env, keep(0), DAY)).toEqual({ files_deleted: 50, more: true });
  expect(await rawRetention(env, keep(0), DAY + 60_000)).toEqual({ files_deleted: 2, more: false });
  expect(await dates()).toEqual([]);
});
