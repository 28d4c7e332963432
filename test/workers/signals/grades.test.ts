import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { GradeRow } from "../../../src/signals/grade.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { grades } from "../../../workers/cron/grades.ts";
import { gradesOf } from "../../../workers/signals/grade-rows.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, freshDatabase, modelReply, stage, storeMarks, storeSpike, workerEnv } from "./signals-stage.ts";
import { until } from "../until.ts";
import { openInbox } from "../webhooks/webhook-inbox.ts";

afterEach(freshDatabase);

const ID = "BTC-15m-20261122T1405Z";
const SELL = { action: "SELL", confidence: 66, reason: "Longs go on." };
const config = parseConfig({});
const grade = (minutesAfter: number) => grades(workerEnv, config, MINUTE + minutesAfter * MINUTE_MS);
const of = async (horizon: string): Promise<GradeRow | undefined> => (await gradesOf(env.DB, ID)).find((row) => row.horizon === horizon);

async function issue(reply: object = SELL): Promise<void> {
  await storeSpike();
  await (await stage([modelReply(reply)])).run();
}

describe("a decision", () => {
  test("is graded from the first mark after it, when each horizon is over, after cost", async () => {
    await issue();
    // The decision is 0.8 s into its minute: that minute's mark is from before it and must not count.
    await storeMarks(0, [70_000, 80_000, 79_600, 79_200, 80_400, 80_000, 79_600, 79_600]);
    expect(await grade(8)).toEqual({ graded: 0, ungradable: 0, waiting: 0, failed: 0 });
    expect(await grade(9)).toEqual({ graded: 1, ungradable: 0, waiting: 0, failed: 0 });
    const row = await of("5m");
    expect(row).toMatchObject({
      graded_time: MINUTE + 9 * MINUTE_MS,
      problem: null,
      entry_time: MINUTE + MINUTE_MS,
      entry_price: 80_000,
      exit_time: MINUTE + 6 * MINUTE_MS,
      exit_price: 79_600,
      random_net_return_bps: null,
    });
    expect(row?.forward_return_bps).toBeCloseTo(-50, 9);
    expect(row?.net_return_bps).toBeCloseTo(40, 9);
    expect(row?.best_excursion_bps).toBeCloseTo(100, 9);
    expect(row?.worst_excursion_bps).toBeCloseTo(-50, 9);
    // Longs were liquidated: following sells, fading buys.
    expect(row?.follow_net_return_bps).toBeCloseTo(40, 9);
    expect(row?.fade_net_return_bps).toBeCloseTo(-60, 9);
    expect((await of("15m"))?.graded_time).toBeNull();
  });

  test("is graded at every horizon, and next to the same action at a random time", async () => {
    await issue();
    await storeMarks(
      -49 * 60,
      Array.from({ length: 74 * 60 }, (_, index) => 80_000 + index),
    );
    await grade(25 * 60);
    const rows = await gradesOf(env.DB, ID);
    expect(rows.map(({ horizon }) => horizon)).toEqual(["5m", "15m", "1h", "4h", "24h"]);
    const hours = [1 / 12, 1 / 4, 1, 4, 24];
    for (const [index, row] of rows.entries()) {
      expect(((row.exit_time ?? 0) - (row.entry_time ?? 0)) / HOUR_MS).toBeCloseTo(hours[index] ?? 0, 9);
      expect(row.net_return_bps).toBeLessThan(-10);
      expect(row.random_net_return_bps).toBeLessThan(-10);
      expect(row.random_net_return_bps).not.toBe(row.net_return_bps);
    }
  });

  test("of NOTHING is graded for what the market did, without a return of its own", async () => {
    await issue({ action: "NOTHING", confidence: 0, reason: "No case." });
    await storeMarks(1, [80_000, 80_000, 80_000, 80_000, 80_000, 80_800]);
    await grade(9);
    const row = await of("5m");
    expect(row).toMatchObject({ problem: null, net_return_bps: null });
    expect(row?.forward_return_bps).toBeCloseTo(100, 9);
  });

  test("is graded once: a repeated run and marks that come later change nothing", async () => {
    await issue();
    await storeMarks(1, [80_000, 80_000, 80_000, 80_000, 80_000, 79_200]);
    await grade(9);
    const first = await of("5m");
    await env.DB.prepare("UPDATE minute_marks SET open = open * 2").run();
    expect(await grade(9)).toEqual({ graded: 0, ungradable: 0, waiting: 0, failed: 0 });
    expect(await grade(10)).toEqual({ graded: 0, ungradable: 0, waiting: 0, failed: 0 });
    expect(await of("5m")).toEqual(first);
  });
});

describe("a mark that is missing", () => {
  test("for a few minutes is made up for by the next one", async () => {
    await issue();
    await storeMarks(1, [null, null, 80_000, 80_000, 80_000, null, null, null, null, 79_200]);
    await grade(12);
    expect(await of("5m")).toMatchObject({ entry_time: MINUTE + 3 * MINUTE_MS, exit_time: MINUTE + 10 * MINUTE_MS });
  });

  test("is waited for a quarter of an hour, and then the grade says that there was none", async () => {
    await issue();
    await storeMarks(1, [80_000]);
    expect(await grade(9)).toEqual({ graded: 0, ungradable: 0, waiting: 1, failed: 0 });
    expect(await grade(23)).toMatchObject({ ungradable: 0 });
    await grade(24);
    expect(await of("5m")).toMatchObject({ problem: "no_exit_mark", graded_time: MINUTE + 24 * MINUTE_MS, net_return_bps: null });
  });
});

test("a grade of BUY or SELL reaches a webhook, one of NOTHING does not", async () => {
  const admin = apiClient(MINUTE, { ADMIN_TOKEN: "s3cret-s3cret-s3cret-s3cret-s3cret" });
  const inbox = await openInbox();
  const body = JSON.stringify({ url: inbox.url, events: ["signal.graded"] });
  expect(
    (await admin("/v1/webhooks", { method: "POST", headers: { Authorization: "Bearer s3cret-s3cret-s3cret-s3cret-s3cret" }, body })).status,
  ).toBe(201);
  await issue();
  await storeSpike({ symbol: "ETH" });
  await (await stage([modelReply({ action: "NOTHING", confidence: 0, reason: "No case." })])).run(MINUTE + MINUTE_MS);
  const prices = Array.from({ length: 10 }, () => 80_000);
  await storeMarks(1, prices);
  await storeMarks(1, prices, "ETH");
  expect(await grade(11)).toMatchObject({ graded: 2 });
  await until("the webhook came", async () => (await inbox.received()).length > 0);
  await grade(12);
  const received = (await inbox.received()).map((one) => JSON.parse(one.body));
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ type: "signal.graded", data: { signal_id: ID, horizon: "5m", action: "SELL", net_return_bps: -10 } });
});
