import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { publishingVenues } from "../../../src/exchanges/coverage.ts";
import type { Gap } from "../../../src/gap.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { quarterHourTotals } from "../../../workers/cron/quarter-hour-totals.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, store, workerEnv } from "../signals/signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";

afterEach(emptyStorage);

const config = parseConfig({});
const run = (time = MINUTE) => quarterHourTotals(env.DB, config, time);
const rows = async () => (await env.DB.prepare("SELECT * FROM quarter_totals ORDER BY day").all()).results;
const heard = async () => (await env.DB.prepare("SELECT heard FROM quarter_heard ORDER BY day").all<{ heard: string }>()).results;
const caughtUp = async (time = MINUTE) => {
  while ((await run(time)).quarter_hours > 0);
};

/** One liquidation every quarter of an hour for so many hours, each of 100 USD more than the one before. */
const storeHours = (hours: number) =>
  store(Array.from({ length: hours * 4 }, (_, index) => [15 * (hours * 4 - index) + 1, 100 * (index + 1)] as const));

describe("the history by quarters of an hour", () => {
  test("is caught up with a day a run, and then grows by a quarter when one has ended", async () => {
    await storeHours(30);
    expect((await run()).quarter_hours).toBe(96);
    expect((await run()).quarter_hours).toBeGreaterThan(20);
    expect((await run()).quarter_hours).toBe(0);
    // MINUTE is five past: the quarter that is running ends in ten minutes and is computed a minute later.
    expect((await run(MINUTE + 10 * MINUTE_MS)).quarter_hours).toBe(0);
    expect((await run(MINUTE + 11 * MINUTE_MS)).quarter_hours).toBe(1);
    expect((await run(MINUTE + 11 * MINUTE_MS)).quarter_hours).toBe(0);
  });

  test("is the same after any number of runs, and corrects what came late", async () => {
    await storeHours(4);
    await caughtUp();
    const before = await rows();
    await caughtUp(MINUTE + 11 * MINUTE_MS);
    await store([[20, 5_000_000]]);
    await caughtUp(MINUTE + 26 * MINUTE_MS);
    const after = await rows();
    expect(JSON.stringify(before)).not.toContain("5000");
    expect(JSON.stringify(after)).toMatch(/500\d{4}/);
    expect(after).toHaveLength(before.length);
  });

  test("knows what was not covered", async () => {
    await storeHours(2);
    const gap: Gap = { exchange: "okx", from_time: MINUTE - 35 * MINUTE_MS, to_time: MINUTE - 20 * MINUTE_MS, reason: "silent" };
    await d1Sink.writeNotes?.(workerEnv, { exchange: "okx", gaps: [gap], minuteMarks: [] });
    await caughtUp();
    const shares = JSON.parse((await heard()).at(-1)?.heard ?? "[]") as readonly number[];
    // 13:30–13:45 is the gap: one of the venues that publish was not covered.
    const venues = publishingVenues(parseConfig({})).length;
    expect(shares.slice(-3)).toEqual([1, 1 - 1 / venues, 1]);
  });

  test("ranks the windows of /v1/stats once there is a day of it", async () => {
    const get = apiClient(MINUTE + 1_000);
    const total = async (window: string) => (await get(`/v1/stats?symbol=BTC&window=${window}`)).body.data.sides.total;
    await storeHours(20);
    await caughtUp();
    expect((await total("15m")).percentile).toBeNull();
    await emptyStorage();
    await storeHours(30);
    await store([[5, 9_850]]);
    await caughtUp();
    const { usd, percentile } = await total("15m");
    expect(usd).toBe(9_850);
    // Of 120 quarter-hours with 100, 200 … 12,000, those of this hour a day ago and the hour before.
    expect(percentile).toBeGreaterThan(0.5);
    expect(percentile).toBeLessThan(0.95);
    expect((await total("1h")).percentile).not.toBeNull();
    expect((await total("20m")).percentile).toBeNull();
    expect((await total("24h")).percentile).toBeNull();
  });

  test("reads tens of rows a minute, not days of minutes", async () => {
    await storeHours(48);
    await caughtUp();
    expect((await run()).rows_read).toBeLessThan(10);
    expect((await run(MINUTE + 11 * MINUTE_MS)).rows_read).toBeLessThan(12 * parseConfig({}).LIQUIDATION_EXCHANGES.length);
  });
});
