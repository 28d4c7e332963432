import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { estimateEntry } from "../../src/stream/log-entry.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { REACH_JOBS } from "../d1/estimate-reads.ts";
import { readEstimatedMinutes } from "../d1/estimated-totals.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import type { Env } from "../env.ts";

const JOB = "estimates:published";
/** Twice what settles at once; what is older is no news. */
const MAX_MS = 10 * MINUTE_MS;

/**
 * Puts the estimates of newly settled minutes into the stream, one call to the hub for each minute. Where a call fails the next run
 * repeats it, and the stream has each estimate once.
 * @returns the number of minutes
 */
export async function publishEstimates(env: Env, config: Config): Promise<{ readonly minutes: number }> {
  const [settled, published] = await Promise.all([jobProgress(env.DB, REACH_JOBS.settled), jobProgress(env.DB, JOB)]);
  const start = Math.max(published ?? 0, (settled ?? 0) - MAX_MS);
  if (settled === null || start >= settled) return { minutes: 0 };
  const { minutes } = await readEstimatedMinutes(env.DB, { start, end: settled }, publishingVenues(config));
  const byTime = Map.groupBy(minutes, ({ time }) => time);
  for (const own of byTime.values()) await hubOf(env, config).noteEntries(own.map(estimateEntry));
  await saveJobProgress(env.DB, JOB, settled);
  return { minutes: byTime.size };
}
