import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { usageTally } from "../../../durable-objects/usage-tally.ts";
import { parseConfig } from "../../../src/config.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { hubWatch } from "../../../workers/cron/hub-watch.ts";
import { addJobRuns } from "../../../workers/d1/job-runs.ts";
import { outageOf } from "../../../workers/d1/part-outages.ts";
import type { Env } from "../../../workers/env.ts";
import { announceFeedHealth } from "../../../workers/webhooks/announce-feed-health.ts";
import { meteredEnv } from "../../../workers/usage/metered-env.ts";
import { storeUsage } from "../../../workers/usage/platform-usage.ts";
import { DAY } from "../sample-liquidation.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { apiClient, rawApiClient } from "./api-client.ts";
import { emptyStorage } from "../empty-storage.ts";

const ADMIN_TOKEN = "the-admin-token-of-all-these-tests";
const admin = { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } };
const NOW = DAY + 10 * 60 * MINUTE_MS;
const config = parseConfig({ ...env, LIQUIDATION_EXCHANGES: "okx" });
const workerEnv = env as unknown as Env;

beforeEach(emptyStorage);

const outcome = (job: string, changes: object = {}) => ({ job, ms: 12, error: null, rows_read: 5, rows_written: 1, ...changes });
const ran = (time: number) => addJobRuns(env.DB, [outcome("watchdog")], time);

const DEAD_DATABASE = {
  prepare() {
    throw new Error("D1 is down");
  },
};
const WITHOUT_HUB: Env = {
  ...workerEnv,
  MARKET_HUB: { getByName: () => ({ cronRan: () => Promise.reject(new Error("overloaded")) }) } as unknown as Env["MARKET_HUB"],
};

describe("/ready", () => {
  const ready = apiClient(NOW);

  test("is 200 while the jobs run and the feeds are live, without calling any object", async () => {
    await ran(NOW - MINUTE_MS);
    const lonely = apiClient(NOW, { EXCHANGE_FEED: undefined, MARKET_HUB: undefined });
    expect(await lonely("/ready")).toMatchObject({ status: 200, body: { data: { status: "ready", last_run_time: NOW - MINUTE_MS } } });
  });

  test("is 503 before the jobs ever ran, and when they have stopped", async () => {
    expect(await ready("/ready")).toMatchObject({
      status: 503,
      body: { code: "not_ready", detail: "the jobs of the minute have never run." },
    });
    await ran(NOW - 4 * MINUTE_MS);
    expect((await ready("/ready")).body.detail).toBe("the jobs of the minute last ran at 2026-11-20T09:56:00.000Z.");
  });

  test("is 503 while a feed or the hub is dead, and names each", async () => {
    await ran(NOW);
    const dead = sampleFeedStatus({ exchange: "okx", state: "blocked", since: NOW - 5 * MINUTE_MS });
    await announceFeedHealth(workerEnv, config, [{ exchange: "okx", status: dead, error: null }], NOW);
    await env.DB.prepare("INSERT INTO part_outages VALUES ('hub', ?, 1, 'no response within 5 s')")
      .bind(NOW - 3 * MINUTE_MS)
      .run();
    const { status, body } = await ready("/ready");
    expect(status).toBe(503);
    expect(body.detail).toBe(
      "the hub has stopped since 2026-11-20T09:57:00.000Z: no response within 5 s; okx has not been connected since 2026-11-20T09:55:00.000Z.",
    );
  });

  test("is 503 where the database fails", async () => {
    const { status, body } = await apiClient(NOW, { DB: DEAD_DATABASE })("/ready");
    expect(status).toBe(503);
    expect(body.detail).toBe("the database: D1 is down.");
  });
});

describe("the hub", () => {
  test("that responds is no outage", async () => {
    expect(await hubWatch(workerEnv, config, NOW)).toEqual({ hub: "working" });
    expect(await outageOf(env.DB, "hub")).toBeNull();
  });

  test("that does not respond is an outage, announced after two minutes and over with its next response", async () => {
    expect(await hubWatch(WITHOUT_HUB, config, NOW)).toEqual({ hub: "stopped", error: "overloaded" });
    expect(await outageOf(env.DB, "hub")).toMatchObject({ since: NOW, announced: false });
    await hubWatch(WITHOUT_HUB, config, NOW + 2 * MINUTE_MS);
    expect(await outageOf(env.DB, "hub")).toEqual({ part: "hub", since: NOW, announced: true, error: "overloaded" });
    await hubWatch(workerEnv, config, NOW + 3 * MINUTE_MS);
    expect(await outageOf(env.DB, "hub")).toBeNull();
  });
});

describe("/metrics", () => {
  const ask = rawApiClient(NOW, { ADMIN_TOKEN }, () =>
    Promise.resolve([{ exchange: "okx", status: sampleFeedStatus({ exchange: "okx", events_total: 3 }), error: null }]),
  );

  test("is for admins: a paying reader does not see the operator's bill", async () => {
    const refused = await ask("/metrics");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toBe("Bearer");
    const body = JSON.stringify({ name: "reader", scopes: ["read", "export", "webhooks"] });
    const made = await ask("/v1/keys", { ...admin, method: "POST", body });
    const { data } = (await made.json()) as { readonly data: { readonly key: string } };
    expect((await ask("/metrics", { headers: { Authorization: `Bearer ${data.key}` } })).status).toBe(403);
  });

  test("is the text of Prometheus, with what each job did since the first run", async () => {
    await addJobRuns(env.DB, [outcome("signals"), outcome("grades")], NOW - MINUTE_MS);
    await addJobRuns(env.DB, [outcome("signals", { error: "broken", rows_read: 7 })], NOW);
    const response = await ask("/metrics", admin);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await response.text()).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        'liquidations_events_total{exchange="okx"} 3',
        'liquidations_job_runs_total{job="signals"} 2',
        'liquidations_job_failures_total{job="signals"} 1',
        'liquidations_job_rows_read_total{job="signals"} 12',
        `liquidations_job_last_success_timestamp_seconds{job="signals"} ${(NOW - MINUTE_MS) / 1_000}`,
        `liquidations_job_last_run_timestamp_seconds{job="signals"} ${NOW / 1_000}`,
      ]),
    );
  });
});

describe("/v1/usage/platform", () => {
  test("shows what was used today and this month, next to what the plan includes", async () => {
    // By the clock: objects of this isolate store what they count meanwhile, this test's amounts among it.
    const now = Date.now();
    const firstOfMonth = `${utcDate(now).slice(0, 7)}-01`;
    const metered = meteredEnv(workerEnv);
    await metered.DB.prepare("INSERT INTO job_progress VALUES ('x', 1)").run();
    await metered.BUCKET.put("x", "y");
    await metered.BUCKET.head("x");
    await metered.BUCKET.delete("x");
    usageTally.addAwake(10_000);
    const add = env.DB.prepare(
      "INSERT INTO platform_usage VALUES (?, 'r2_class_a', ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
    );
    await env.DB.batch([add.bind(firstOfMonth, 2_000_001), add.bind("2020-10-31", 9_000_000)]);
    const read = () => apiClient(now, { ADMIN_TOKEN })("/v1/usage/platform", admin);
    const itemOf = (body: Awaited<ReturnType<typeof read>>["body"], item: string) =>
      body.data.items.find((one: { readonly item: string }) => one.item === item);
    // An object may have taken these amounts with its own, later than `now`, and may still be writing them or have put them back.
    const counted = async () => {
      await storeUsage(env.DB, Date.now(), 0);
      const { body } = await read();
      return (
        itemOf(body, "d1_rows_written").today >= 1 && itemOf(body, "r2_class_b").today >= 1 && itemOf(body, "object_gb_s").today >= 1.28
      );
    };
    await expect.poll(counted, { timeout: 20_000 }).toBe(true);
    const { status, body } = await read();
    expect(status).toBe(200);
    const of = (item: string) => itemOf(body, item);
    expect(of("r2_class_a")).toMatchObject({ included_per_month: 1_000_000 });
    expect(of("r2_class_a").today).toBeGreaterThanOrEqual(1);
    expect(of("r2_class_a").month).toBeGreaterThanOrEqual(2_000_002);
    // What other tests of this isolate counted is in it too.
    expect(of("r2_class_a").month_usd).toBeCloseTo(((of("r2_class_a").month - 1_000_000) / 1e6) * 4.5, 2);
    expect(of("r2_class_b").month_usd).toBe(0);
  });

  test("is for admins", async () => {
    expect((await apiClient(NOW, { ADMIN_TOKEN })("/v1/usage/platform")).status).toBe(401);
  });
});
