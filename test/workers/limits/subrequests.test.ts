import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { exportRequest } from "../../../src/exports/export-request.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { SLICE_ROWS } from "../../../src/daily/plan.ts";
import { PLATFORM_LIMITS, SET_LIMITS, STEP_BUDGETS } from "../../../src/work-budgets.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { runJobs } from "../../../workers/cron/run-jobs.ts";
import type { Env } from "../../../workers/env.ts";
import { claimExport, insertExport } from "../../../workers/exports/export-rows.ts";
import { runPart } from "../../../workers/exports/run-part.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { UNFILTERED } from "../exports/exports-stage.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { CallMeter } from "./call-meter.ts";

const config = parseConfig({ ...env, LIQUIDATION_EXCHANGES: "okx,binance" });
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;

/** What the limits have to hold for. */
const BUSY_DAY_ROWS = 200_000;
const BUSY_DAY_SLICES = BUSY_DAY_ROWS / SLICE_ROWS;
/** Five venues with a batch every ten seconds. */
const BUSY_DAY_BATCHES = 5 * 8_640;
const EXPORT_DAYS = 400;

/** The day of the test. */
const BATCHES = 12;
const BATCH_ROWS = 2_000;
const SLICES = (BATCHES * BATCH_ROWS) / SLICE_ROWS;

let perBatch = 0;
let dailySteps: readonly number[] = [];

beforeAll(async () => {
  for (let sequence = 1; sequence <= BATCHES; sequence += 1) {
    const start = DAY + (sequence - 1) * (DAY_MS / BATCHES);
    const rows = Array.from({ length: BATCH_ROWS }, (_, n) => {
      const time = start + n * 3_000;
      return sampleLiquidation({ event_id: `e${sequence}-${n}`, event_time: time, received_time: time + 50 });
    });
    await r2Sink.write(env, config, { ...sampleBatch(rows), sequence });
  }
  // A budget so small that the day takes several steps.
  const budget = { objects: 8, rows: STEP_BUDGETS.daily.rows };
  const steps: number[] = [];
  for (let isMore = true; isMore;) {
    const meter = new CallMeter();
    const record = await dailyFiles(meter.around(env), config, CLOSED, { budget });
    steps.push(meter.calls);
    isMore = "more" in record && record.more;
  }
  dailySteps = steps;
  perBatch = steps.reduce((sum, calls) => sum + calls, 0) / BATCHES;
});

test("a step makes no more calls than its budget of objects, and those that begin and end it", () => {
  expect(dailySteps.length).toBeGreaterThan(2);
  // One slice or group may begin with a request left: it takes those of a slice more.
  for (const calls of dailySteps) expect(calls).toBeLessThan(8 + 40);
  expect(STEP_BUDGETS.daily.objects + 250 + 40).toBeLessThan(PLATFORM_LIMITS.subrequests / 10);
});

test("the file of a day of 200,000 liquidations in tiny batches stays within the calls of an instance", () => {
  expect(perBatch * BUSY_DAY_BATCHES).toBeLessThan(SET_LIMITS.subrequests / 2);
});

/** The calls of an export of the day, part by part. */
async function exportCalls(format: "json" | "csv" | "parquet", minUsd: number | null): Promise<readonly number[]> {
  const export_id = `exp_${format}`;
  const request = exportRequest.parse({ ...UNFILTERED, start: DAY, end: DAY + DAY_MS, format, compression: "none", min_usd: minUsd });
  await insertExport(env.DB, { export_id, owner: "admin", request, estimated_rows: 0, created_time: CLOSED, idempotency: null });
  const number = await claimExport(env.DB, export_id, CLOSED);
  const deps = { now: () => CLOSED, feedStatuses: () => Promise.resolve([]) };
  const parts: number[] = [];
  for (;;) {
    const meter = new CallMeter();
    const outcome = await runPart(meter.around(env), config, deps, export_id, number ?? 0);
    parts.push(meter.calls);
    if (outcome === "done") return parts;
    if (outcome !== "more") throw new Error(outcome);
  }
}

test.each([
  ["json", null],
  ["csv", 1],
  ["parquet", 1],
] as const)(
  "an export of 400 days of 200,000 liquidations as %s stays within the calls and steps of an instance",
  async (format, minUsd) => {
    const parts = await exportCalls(format, minUsd);
    const calls = parts.reduce((sum, one) => sum + one, 0);
    // The overhead of a day and of a part counts for each slice here, so this is more than it would be.
    expect((calls / SLICES) * BUSY_DAY_SLICES * EXPORT_DAYS).toBeLessThan(SET_LIMITS.subrequests);
    // Rows are read in steps of the budget, and each day is made a file in a step of its own.
    expect((EXPORT_DAYS * BUSY_DAY_ROWS) / STEP_BUDGETS.export.rows + 2 * EXPORT_DAYS).toBeLessThan(PLATFORM_LIMITS.steps / 2);
  },
);

test("a minute of all cron jobs makes hundreds of calls at most", async () => {
  for (const time of [CLOSED, CLOSED + MINUTE_MS]) {
    const meter = new CallMeter();
    await runJobs(meter.around({ ...env, LIQUIDATION_EXCHANGES: "okx,bybit" } as Env), time);
    expect(meter.calls).toBeGreaterThan(20);
    expect(meter.calls).toBeLessThan(500);
  }
});
