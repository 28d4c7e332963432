import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { CronJob } from "../../../workers/cron/cron-job.ts";
import { MINUTE_JOBS, UPKEEP_JOBS } from "../../../workers/cron/jobs.ts";
import { runJobs } from "../../../workers/cron/run-jobs.ts";
import { addJobRuns, readJobStatuses } from "../../../workers/d1/job-runs.ts";
import type { Env } from "../../../workers/env.ts";
import { until } from "../until.ts";

const bindings = { ...env, LIQUIDATION_EXCHANGES: "okx" } as Env;
const NOW = Date.UTC(2026, 10, 28, 12);

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.batch(["leases", "job_runs"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

/** Jobs that note that they began, and then do this. */
function noted(began: string[], name: string, run: CronJob["run"] = () => ({}), patienceMs = 5_000): CronJob {
  return {
    name,
    patienceMs,
    run(minute) {
      began.push(name);
      return run(minute);
    },
  };
}

const lines = (log: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }) =>
  log.mock.calls.map(([line]) => JSON.parse(String(line)) as Readonly<Record<string, unknown>>);

test("a job that throws, and one that hangs, stop none of those after them", async () => {
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  const released = Promise.withResolvers<object>();
  const began: string[] = [];
  const minute = [
    noted(began, "throws", () => {
      throw new Error("broken");
    }),
    noted(began, "hangs", () => released.promise, 20),
    noted(began, "next", () => (released.resolve({}), {})),
  ];
  await runJobs(bindings, NOW, { minute, upkeep: [noted(began, "upkeep")] });
  expect(began).toEqual(["throws", "hangs", "next", "upkeep"]);
  expect(lines(errors)).toEqual([
    expect.objectContaining({ event: "job_failed", job: "throws", error: "broken" }),
    expect.objectContaining({ event: "job_failed", job: "hangs", error: "not done within 0.02 s" }),
  ]);
});

test("a run waits for the end of a job that it went on without, so that the platform lets it finish", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  let ended = false;
  const slow = async () => {
    await new Promise((done) => setTimeout(done, 100));
    ended = true;
    return {};
  };
  await runJobs(bindings, NOW, { minute: [noted([], "slow", slow, 10)], upkeep: [] });
  expect(ended).toBe(true);
});

/** The lease of a run that was killed. */
const leaveLease = (untilTime: number) =>
  env.DB.prepare("INSERT OR REPLACE INTO leases VALUES ('upkeep', 'killed', ?)").bind(untilTime).run();

describe("of two runs at once", () => {
  test("both do what their minute is for, and one does the upkeep", async () => {
    const began: string[] = [];
    const held = Promise.withResolvers<object>();
    const upkeepBegan = Promise.withResolvers<void>();
    const jobs = {
      minute: [noted(began, "minute")],
      upkeep: [noted(began, "upkeep", () => (upkeepBegan.resolve(), held.promise))],
    };
    const first = runJobs(bindings, NOW, jobs);
    await upkeepBegan.promise;
    await runJobs(bindings, NOW + MINUTE_MS, jobs);
    expect(began).toEqual(["minute", "upkeep", "minute"]);
    held.resolve({});
    await first;
    await runJobs(bindings, NOW + 2 * MINUTE_MS, jobs);
    expect(began.filter((name) => name === "upkeep")).toHaveLength(2);
  });

  test("a job that one went on without is not run by the other, which does the rest of the upkeep", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const began: string[] = [];
    const held = Promise.withResolvers<object>();
    const slow = noted(began, "slow", () => held.promise, 10);
    const restBegan = Promise.withResolvers<object>();
    const rest = noted(began, "rest", () => (restBegan.resolve({}), {}));
    const first = runJobs(bindings, NOW, { minute: [], upkeep: [slow, rest] });
    await restBegan.promise;
    await until("the upkeep is over", async () => (await env.DB.prepare("SELECT 1 FROM leases WHERE name = 'upkeep'").first()) === null);
    await runJobs(bindings, NOW + MINUTE_MS, { minute: [], upkeep: [slow, rest] });
    expect(began.toSorted()).toEqual(["rest", "rest", "slow"]);
    held.resolve({});
    await first;
    await runJobs(bindings, NOW + 2 * MINUTE_MS, { minute: [], upkeep: [slow, rest] });
    expect(began.filter((name) => name === "slow")).toHaveLength(2);
  });

  test("one that was killed keeps the others from upkeep for two minutes at most", async () => {
    const began: string[] = [];
    const jobs = { minute: [], upkeep: [noted(began, "upkeep")] };
    await leaveLease(Date.now() + 60_000);
    await runJobs(bindings, NOW, jobs);
    expect(began).toEqual([]);
    await leaveLease(Date.now() - 1);
    await runJobs(bindings, NOW, jobs);
    expect(began).toEqual(["upkeep"]);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM leases").first("n")).toBe(0);
  });
});

test("where one job gets every run killed, each of the others still has its turn", async () => {
  const done = new Set<string>();
  const names = ["a", "killer", "b", "c"];
  for (let minute = 0; minute < names.length; minute += 1) {
    let alive = true;
    const upkeep = names.map((name) =>
      noted([], name, () => {
        if (name === "killer") alive = false;
        if (alive) done.add(name);
        return {};
      }),
    );
    await runJobs(bindings, NOW + minute * MINUTE_MS, { minute: [], upkeep });
  }
  expect([...done].toSorted()).toEqual(["a", "b", "c"]);
});

test("a run without a database does what it can and ends", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const began: string[] = [];
  const dead = { prepare: () => ({ bind: () => ({ run: () => Promise.reject(new Error("D1 is down")) }) }) };
  await runJobs({ ...bindings, DB: dead as unknown as D1Database }, NOW, {
    minute: [noted(began, "minute")],
    upkeep: [noted(began, "upkeep")],
  });
  expect(began).toEqual(["minute"]);
});

const jobNames = async () => (await readJobStatuses(env.DB)).map(({ job }) => job);

test("a job that a former version ran is forgotten at the next full hour, and long jobs and those of today are not", async () => {
  const run = { ms: 5, rows_read: 1, rows_written: 1 };
  const former = { ...run, job: "renamed", error: "the table is gone" };
  await addJobRuns(env.DB, [former, { ...run, job: "refills", error: null }], NOW - 5 * MINUTE_MS);
  const jobs = { minute: [noted([], "minute")], upkeep: [noted([], "upkeep")] };
  await runJobs(bindings, NOW - MINUTE_MS, jobs);
  expect(await jobNames()).toEqual(["minute", "refills", "renamed", "upkeep"]);
  await runJobs(bindings, NOW, jobs);
  expect(await jobNames()).toEqual(["minute", "refills", "upkeep"]);
});

test("every job has a name of its own", () => {
  const names = [...MINUTE_JOBS, ...UPKEEP_JOBS].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
