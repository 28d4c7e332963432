import { CRON_STOPPED_MS } from "../../../src/operations.ts";
import { within } from "../../../src/within.ts";
import { messageOf } from "../../../src/message-of.ts";
import { lastCronRun } from "../../d1/job-runs.ts";
import { partOutages } from "../../d1/part-outages.ts";
import { announcedOutages } from "../../webhooks/announce-feed-health.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { ProblemError } from "../http/problem.ts";
import { readySchema } from "../schemas/health.ts";

const PATIENCE_MS = 5_000;

/** 200 while the Worker does its work; otherwise 503 with every reason. It reads some rows of D1 and calls no object. */
export const readyRoute = jsonOperation({
  path: "/ready",
  access: "open",
  id: "getReady",
  cacheSeconds: 5,
  tag: "Status",
  summary: "Check whether the Worker does its work",
  description:
    "Returns 503 with the reasons if the database does not respond, the jobs of the minute have not run for 3 minutes, the hub has stopped, or a venue has not been connected for 60 s. Feeds are reported as of the last run of the minute.",
  data: readySchema,
  problems: ["not_ready"],
  answer: async (c) => {
    const now = c.get("deps").now();
    const { lastRun, reasons } = await within(PATIENCE_MS, () => look(c.env.DB, now)).catch((error: unknown) => ({
      lastRun: null,
      reasons: [`the database: ${messageOf(error)}`],
    }));
    if (reasons.length > 0 || lastRun === null) throw new ProblemError("not_ready", `${reasons.join("; ")}.`);
    return { data: { status: "ready" as const, time: now, last_run_time: lastRun }, meta: {} };
  },
});

async function look(db: D1Database, now: number): Promise<{ readonly lastRun: number | null; readonly reasons: readonly string[] }> {
  const [lastRun, parts, feeds] = await Promise.all([lastCronRun(db), partOutages(db), announcedOutages(db)]);
  const reasons = [
    ...(lastRun === null ? ["the jobs of the minute have never run"] : []),
    ...(lastRun !== null && now - lastRun > CRON_STOPPED_MS ? [`the jobs of the minute last ran at ${iso(lastRun)}`] : []),
    ...parts.filter(({ announced }) => announced).map(({ part, since, error }) => `the ${part} has stopped since ${iso(since)}: ${error}`),
    ...feeds.map(({ exchange, since }) => `${exchange} has not been connected since ${iso(since)}`),
  ];
  return { lastRun, reasons };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
