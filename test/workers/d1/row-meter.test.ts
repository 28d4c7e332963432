import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { withRowMeter } from "../../../workers/d1/row-meter.ts";

test("a metered database answers like D1 and counts the rows of every statement", async () => {
  const { env: metered, meter } = withRowMeter(env);
  const insert = metered.DB.prepare("INSERT INTO job_progress (job, done_time) VALUES (?1, ?2)");
  await metered.DB.batch([insert.bind("a", 1), insert.bind("b", 2)]);
  expect(meter.counts.rows_written).toBe(2);
  const { rows_read: before } = meter.counts;
  const select = metered.DB.prepare("SELECT job, done_time FROM job_progress ORDER BY job");
  expect((await select.all()).results).toEqual(
    (await env.DB.prepare("SELECT job, done_time FROM job_progress ORDER BY job").all()).results,
  );
  expect(await select.first("done_time")).toBe(1);
  expect(await select.first()).toEqual({ job: "a", done_time: 1 });
  expect(await metered.DB.prepare("SELECT 1 AS one FROM job_progress WHERE job = 'c'").first()).toBeNull();
  // Each reads both rows; the last one reads none.
  expect(meter.counts.rows_read - before).toBe(6);
});
