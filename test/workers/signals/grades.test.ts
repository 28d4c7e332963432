import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { GradeRow } from "../../../src/grades/grade.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { grades } from "../../../workers/cron/grades.ts";
import { LONG_JOBS } from "../../../workers/cron/long-jobs/long-jobs.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { checkGrades } from "../../../src/grades/grade-ledger.ts";
import { recordById } from "../../../workers/signals/ledger-rows.ts";
import { gradesAfter, gradesOf } from "../../../workers/signals/grade-rows.ts";
import { apiClient } from "../api/api-client.ts";
import { MINUTE, modelReply, stage, storeMarks, storeSpike, workerEnv } from "./signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";
import { until } from "../until.ts";
import { openInbox } from "../webhooks/webhook-inbox.ts";

afterEach(emptyStorage);

const ID = "BTC-15m-20261122T1405Z";
const SELL = { p_up: 0.1, p_down: 0.66, reason: "Longs go on." };
const NOTHING = { p_up: 0.3, p_down: 0.3, reason: "No case." };
const config = parseConfig({});
const grade = (minutesAfter: number) => grades(workerEnv, config, MINUTE + minutesAfter * MINUTE_MS);
const of = async (horizon: string): Promise<GradeRow | undefined> => (await gradesOf(env.DB, ID)).find((row) => row.horizon === horizon);

async function decide(reply: object = SELL): Promise<void> {
  await storeSpike();
  await (await stage([modelReply(reply)])).run();
}

async function issue(reply: object = SELL): Promise<void> {
  await decide(reply);
  await storeHour();
}

/** The hour before the decision, without which the impact of an order is unknown. */
const storeHour = (symbol = "BTC") =>
  storeMarks(
    -60,
    Array.from({ length: 60 }, () => 80_000),
    symbol,
  );

/** An inbox that receives grades. */
async function subscribed() {
  const admin = apiClient(MINUTE, { ADMIN_TOKEN: "s3cret-s3cret-s3cret-s3cret-s3cret" });
  const inbox = await openInbox();
  const body = JSON.stringify({ url: inbox.url, events: ["signal.graded"] });
  expect(
    (await admin("/v1/webhooks", { method: "POST", headers: { Authorization: "Bearer s3cret-s3cret-s3cret-s3cret-s3cret" }, body })).status,
  ).toBe(201);
  return inbox;
}

describe("a decision", () => {
  test("is graded from the first mark after it, when each horizon is over, after cost", async () => {
    await issue();
    // The decision is 0.8 s into its minute: that minute's mark is from before it and must not count.
    await storeMarks(0, [70_000, 80_000, 79_600, 79_200, 80_400, 80_000, 79_600, 79_600]);
    expect(await grade(8)).toEqual({ graded: 0, ungraded_cost: 0, ungradable: 0, waiting: 0, failed: 0, unpublished: 0 });
    expect(await grade(9)).toEqual({ graded: 1, ungraded_cost: 0, ungradable: 0, waiting: 0, failed: 0, unpublished: 0 });
    const row = await of("5m");
    expect(row).toMatchObject({
      graded_time: MINUTE + 9 * MINUTE_MS,
      problem: null,
      entry_time: MINUTE + MINUTE_MS,
      entry_price: 80_000,
      exit_time: MINUTE + 6 * MINUTE_MS,
      exit_price: 79_600,
      exchange: "binance",
      samples: 60,
      fee_bps: 10,
      spread_bps: 0.2,
      funding_bps: 0,
      random_net_return_bps: null,
      random_draws: 0,
    });
    const cost = row?.cost_bps ?? Number.NaN;
    expect(row?.impact_10k_bps).toBeGreaterThan(0);
    expect(cost).toBeCloseTo(10.2 + (row?.impact_10k_bps ?? 0), 9);
    expect(row?.forward_return_bps).toBeCloseTo(-50, 9);
    expect(row?.net_return_bps).toBeCloseTo(50 - cost, 9);
    expect(row?.best_excursion_bps).toBeCloseTo(100, 9);
    expect(row?.worst_excursion_bps).toBeCloseTo(-50, 9);
    // Longs were liquidated: following sells, fading buys.
    expect(row?.follow_net_return_bps).toBeCloseTo(50 - cost, 9);
    expect(row?.fade_net_return_bps).toBeCloseTo(-50 - cost, 9);
    expect((await of("15m"))?.graded_time).toBeNull();
  });

  test("is graded at every horizon, next to the same action at the random times that match", async () => {
    await decide();
    await storeMarks(
      -61,
      Array.from({ length: 26 * 60 }, (_, index) => 80_000 + (index % 7)),
    );
    // The marks of the hours around the same one in the two weeks before, which fall by 1 bp a minute.
    for (const week of [7 * DAY_MS, 14 * DAY_MS]) {
      for (let hour = -2; hour <= 27; hour += 1) {
        const opens = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index, 80_000 - 8 * (60 * hour + 5 * index)]));
        await env.DB.prepare("INSERT INTO hour_marks VALUES (?1, 'BTC', 'binance', ?2, 0.00001)")
          .bind(floorTo(MINUTE, HOUR_MS) + hour * HOUR_MS - week, JSON.stringify(opens))
          .run();
      }
    }
    await grade(25 * 60);
    const rows = await gradesOf(env.DB, ID);
    expect(rows.map(({ horizon }) => horizon)).toEqual(["5m", "15m", "1h", "4h", "24h"]);
    const hours = [1 / 12, 1 / 4, 1, 4, 24];
    for (const [index, row] of rows.entries()) {
      const length = hours[index] ?? 0;
      expect(((row.exit_time ?? 0) - (row.entry_time ?? 0)) / HOUR_MS).toBeCloseTo(length, 9);
      expect(row).toMatchObject({ random_draws: 24, random_hit_rate: length > 1 / 12 ? 1 : 0 });
      // It sold where the mark fell by a basis point a minute, at a cost of about 10.
      expect((row.random_net_return_bps ?? 0) / (60 * length - (row.cost_bps ?? 0))).toBeCloseTo(1, 1);
    }
    expect(rows.map(({ funding_bps }) => funding_bps)).toEqual([0, 0, 0, 0, 0]);
  });

  test("of which no mark has a spread has no net return, says so, and is counted apart", async () => {
    await issue();
    const prices = [80_000, 80_000, 80_000, 80_000, 80_000, 79_200];
    await storeMarks(1, prices, "BTC", "binance", { spread_bps: null });
    expect(await grade(9)).toEqual({ graded: 0, ungraded_cost: 1, ungradable: 0, waiting: 0, failed: 0, unpublished: 0 });
    const row = await of("5m");
    expect(row).toMatchObject({ problem: "unknown_spread", exchange: "binance", fee_bps: 10, cost_bps: null, net_return_bps: null });
    expect(row).toMatchObject({ rule_net_return_bps: null, fade_net_return_bps: null, follow_net_return_bps: null });
    expect(row?.forward_return_bps).toBeCloseTo(-100, 9);
  });

  test("whose cost is unknown is work that a backlog did: its job goes on with the next ones", async () => {
    await issue();
    await storeMarks(1, [80_000, 80_000, 80_000, 80_000, 80_000, 79_200], "BTC", "binance", { spread_bps: null });
    const backlog = LONG_JOBS.find(({ name }) => name === "grade_backlog");
    const step = (minutesAfter: number) => backlog?.step(workerEnv, config, MINUTE + minutesAfter * MINUTE_MS);
    expect(await step(9)).toMatchObject({ more: true, record: { ungraded_cost: 1 } });
    expect(await step(9)).toMatchObject({ more: false });
  });

  test("of NOTHING is graded for what the market did, without a return of its own", async () => {
    await issue(NOTHING);
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
    expect(await grade(9)).toEqual({ graded: 0, ungraded_cost: 0, ungradable: 0, waiting: 0, failed: 0, unpublished: 0 });
    expect(await grade(10)).toEqual({ graded: 0, ungraded_cost: 0, ungradable: 0, waiting: 0, failed: 0, unpublished: 0 });
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

  test("is never taken from another venue", async () => {
    await issue();
    await storeMarks(1, [80_000, 80_000, 80_000], "BTC", "okx");
    await storeMarks(
      2,
      Array.from({ length: 10 }, () => 80_096),
    );
    await grade(24);
    expect(await of("5m")).toMatchObject({ problem: "no_exit_mark", exchange: null, forward_return_bps: null, cost_bps: null });
  });

  test("is waited for a quarter of an hour, and then the grade says that there was none", async () => {
    await issue();
    await storeMarks(1, [80_000]);
    expect(await grade(9)).toEqual({ graded: 0, ungraded_cost: 0, ungradable: 0, waiting: 1, failed: 0, unpublished: 0 });
    expect(await grade(23)).toMatchObject({ ungradable: 0 });
    await grade(24);
    expect(await of("5m")).toMatchObject({ problem: "no_exit_mark", graded_time: MINUTE + 24 * MINUTE_MS, net_return_bps: null });
  });
});

test("a grade that no queue takes is published by a later run, with the place in the chain that it has", async () => {
  const inbox = await subscribed();
  await issue();
  await storeMarks(
    1,
    Array.from({ length: 10 }, () => 80_000),
  );
  const withoutQueue = { ...workerEnv, WEBHOOK_OUTBOX: undefined as unknown as typeof workerEnv.WEBHOOK_OUTBOX };
  expect(await grades(withoutQueue, config, MINUTE + 9 * MINUTE_MS)).toMatchObject({ graded: 1, unpublished: 1 });
  const [given] = await gradesAfter(env.DB, 0, 1);
  expect(await grade(10)).toMatchObject({ graded: 0, unpublished: 0 });
  await until("the webhook came", async () => (await inbox.received()).length > 0);
  expect(JSON.parse((await inbox.received())[0]?.body ?? "").data).toEqual({
    symbol: "BTC",
    action: "SELL",
    confidence: 66,
    paper: true,
    ...given,
  });
});

const chain = () => gradesAfter(env.DB, 0, 100);

describe("the chain of grades", () => {
  test("takes every grade in the order in which they are given, those without a path too", async () => {
    await issue();
    await storeSpike({ symbol: "ETH" });
    await (await stage([modelReply({ action: "NOTHING", confidence: 0, reason: "No case." })])).run(MINUTE + MINUTE_MS);
    await storeMarks(
      1,
      Array.from({ length: 30 }, () => 80_000),
    );
    await grade(40);
    const given = await chain();
    expect(given.map(({ signal_id, horizon, problem }) => [signal_id.slice(0, 3), horizon, problem])).toEqual([
      ["BTC", "5m", null],
      ["ETH", "5m", "no_entry_mark"],
      ["BTC", "15m", null],
      ["ETH", "15m", "no_entry_mark"],
    ]);
    expect(await checkGrades(given, GENESIS)).toMatchObject({ head: { sequence: 4, hash: given[3]?.hash }, mismatch: null });
    expect(given[0]?.signal_hash).toBe((await recordById(env.DB, ID))?.hash);
  });

  test("does not fork where two runs grade at once", async () => {
    await issue();
    await storeMarks(
      1,
      Array.from({ length: 80 }, () => 80_000),
    );
    await Promise.all([grade(75), grade(75), grade(75)]);
    const given = await chain();
    expect(given.map(({ horizon }) => horizon).toSorted()).toEqual(["15m", "1h", "5m"]);
    expect((await checkGrades(given, GENESIS)).mismatch).toBeNull();
    const [first, second] = given;
    // The database itself refuses a second grade after the same one.
    await expect(
      env.DB.prepare("UPDATE signal_grades SET previous_hash = ?1 WHERE hash = ?2").bind(first?.previous_hash, second?.hash).run(),
    ).rejects.toThrow(/UNIQUE/);
  });

  test("shows an edit of any field of a grade", async () => {
    await issue();
    await storeMarks(
      1,
      Array.from({ length: 80 }, () => 80_000),
    );
    await grade(75);
    for (const edit of [
      "net_return_bps = net_return_bps + 1",
      "exchange = 'okx'",
      "random_draws = 200",
      "due_time = due_time - 1",
      "problem = 'no_exit_mark'",
    ]) {
      const before = await chain();
      await env.DB.prepare(`UPDATE signal_grades SET ${edit} WHERE sequence = 2`).run();
      expect((await checkGrades(await chain(), GENESIS)).mismatch).toMatchObject({ sequence: 2, horizon: "15m", field: "hash" });
      await env.DB.prepare(
        "UPDATE signal_grades SET net_return_bps = ?1, exchange = ?2, random_draws = ?3, due_time = ?4, problem = NULL WHERE sequence = 2",
      )
        .bind(before[1]?.net_return_bps, before[1]?.exchange, before[1]?.random_draws, before[1]?.due_time)
        .run();
      expect((await checkGrades(await chain(), GENESIS)).mismatch).toBeNull();
    }
  });
});

test("a grade of BUY or SELL reaches a webhook, one of NOTHING does not", async () => {
  const inbox = await subscribed();
  await issue();
  await storeSpike({ symbol: "ETH" });
  await (await stage([modelReply(NOTHING)])).run(MINUTE + MINUTE_MS);
  const prices = Array.from({ length: 10 }, () => 80_000);
  await storeHour("ETH");
  await storeMarks(1, prices);
  await storeMarks(1, prices, "ETH");
  expect(await grade(11)).toMatchObject({ graded: 2 });
  await until("the webhook came", async () => (await inbox.received()).length > 0);
  await grade(12);
  const received = (await inbox.received()).map((one) => JSON.parse(one.body));
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ type: "signal.graded", data: { signal_id: ID, horizon: "5m", action: "SELL" } });
  expect(received[0].data.net_return_bps).toBeCloseTo(-10.2, 9);
});
