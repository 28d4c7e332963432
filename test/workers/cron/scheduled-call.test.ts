import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { refusalOfCron } from "../../../workers/cron/scheduled-call.ts";
import worker from "../../../workers/index.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const HOUR = 3_600_000;

const keyed = (cron: string) => refusalOfCron({ cron, scheduledTime: NOW }, "s3cret", NOW);
const run = async (scheduledTime: number, cron = "* * * * *", changes: object = {}) =>
  worker.scheduled(createScheduledController({ scheduledTime: new Date(scheduledTime), cron }), { ...env, ...changes } as typeof env &
    Parameters<typeof worker.scheduled>[1]);

test("a scheduled time far from now, or none, is refused", () => {
  const refusal = (scheduledTime: number) => refusalOfCron({ cron: "* * * * *", scheduledTime }, null, NOW);
  expect([NOW - HOUR, NOW, NOW + HOUR / 2].map(refusal)).toEqual([null, null, null]);
  for (const time of [0, NOW - HOUR - 1, NOW + HOUR / 2 + 1, 8.64e15, Number.NaN]) {
    expect(refusal(time), String(time)).toContain("allowed: from an hour before now to half an hour after it");
  }
});

test("where there is a key, no other name starts the jobs", () => {
  expect(keyed("s3cret")).toBeNull();
  for (const cron of ["", "* * * * *", "S3cret"]) expect(keyed(cron)).toBe("the cron's name is not LOCAL_CRON_KEY");
});

test("the Worker refuses both before any job runs", async () => {
  await env.DB.prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) VALUES ('okx', ?1, ?1 + 1, 'disconnected')")
    .bind(Date.now())
    .run();
  await expect(run(Date.now() + 401 * 24 * HOUR)).rejects.toThrow("The cron run is refused: the scheduled time is");
  await expect(run(Date.now(), "* * * * *", { LOCAL_CRON_KEY: "s3cret" })).rejects.toThrow("the cron's name is not LOCAL_CRON_KEY");
  expect(await env.DB.prepare("SELECT count(*) AS rows FROM gaps").first("rows")).toBe(1);
});
