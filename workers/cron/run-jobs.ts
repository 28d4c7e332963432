import { configOf } from "../../src/config.ts";
import type { Env } from "../env.ts";
import { type FeedReport, feedOf, feedStatuses, flushFeeds, journalCounts } from "../feeds.ts";
import { announceFeedHealth } from "../webhooks/announce-feed-health.ts";
import { analytics } from "./analytics.ts";
import { dailyFiles } from "./daily-files.ts";
import { watchExports } from "./exports.ts";
import { grades } from "./grades.ts";
import { hourTotals } from "./hour-totals.ts";
import { keyRequests } from "./key-requests.ts";
import { quarterHourTotals } from "./quarter-hour-totals.ts";
import { rawRetention } from "./raw-retention.ts";
import { refills } from "./refills.ts";
import { retention } from "./retention.ts";
import { anchorArchive, ledgerAnchors } from "./ledger-anchors.ts";
import { signalArchive } from "./signal-archive.ts";
import { signals } from "./signals.ts";
import { supabaseUpkeep } from "./supabase-upkeep.ts";
import { webhookEndpoints } from "./webhook-endpoints.ts";
import { symbols } from "./symbols.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

/**
 * Runs the jobs of a minute. Each job depends only on its scheduled minute and is idempotent, because cron runs may
 * come late, twice or not at all. A job that fails does not stop the others.
 */
export async function runJobs(env: Env, scheduledTime: number): Promise<void> {
  const config = configOf(env);
  const feeds = await feedStatuses(env, config);
  await job("watchdog", scheduledTime, async () => watched(feeds));
  await job("feed_health", scheduledTime, () => announceFeedHealth(env, config, feeds, scheduledTime));
  await job("symbols", scheduledTime, () => symbols(env.DB, feeds, (exchange) => feedOf(env, config, exchange).listed()));
  await job("hour_totals", scheduledTime, () => hourTotals(env.DB, scheduledTime));
  await job("quarter_totals", scheduledTime, () => quarterHourTotals(env.DB, config, scheduledTime));
  await job("flush", scheduledTime, () => flushFeeds(env, config));
  await job("signals", scheduledTime, () => signals(env, config, scheduledTime));
  await job("grades", scheduledTime, () => grades(env, config, scheduledTime));
  await job("refills", scheduledTime, () => refills(env, config, scheduledTime));
  await job("retention", scheduledTime, () => retention(env.DB, config, scheduledTime, feeds));
  await job("key_requests", scheduledTime, () => keyRequests(env.DB, scheduledTime));
  await job("raw_retention", scheduledTime, () => rawRetention(env, config, scheduledTime));
  await job("webhooks", scheduledTime, () => webhookEndpoints(env, config, scheduledTime));
  await job("ledger_anchors", scheduledTime, () => ledgerAnchors(env, config, scheduledTime));
  await job("daily_files", scheduledTime, () =>
    dailyFiles(env, config, scheduledTime, { journals: (date) => journalCounts(env, config, date) }),
  );
  await job("exports", scheduledTime, () => watchExports(env, config, scheduledTime));
  // Last, so that a Supabase that does not respond delays no other job.
  await job("analytics", scheduledTime, () => analytics(env.DB, config, scheduledTime));
  await job("signal_archive", scheduledTime, () => signalArchive(env.DB, config, scheduledTime));
  await job("anchor_archive", scheduledTime, () => anchorArchive(env.DB, config, scheduledTime));
  await job("supabase_upkeep", scheduledTime, () => supabaseUpkeep(env.DB, config, scheduledTime));
}

/**
 * Requesting its status wakes a feed and sets its alarm if that was lost. What remains is to publish how the feeds are.
 */
function watched(feeds: readonly FeedReport[]): Record<string, string> {
  return Object.fromEntries(feeds.map(({ exchange, status, error }) => [exchange, status?.state ?? `unreachable: ${error}`]));
}

async function job(name: string, scheduledTime: number, run: () => Promise<object>): Promise<void> {
  const started = Date.now();
  try {
    const record = await run();
    writeLog("info", { event: "job", job: name, scheduled_time: scheduledTime, ms: Date.now() - started, ...record });
  } catch (error) {
    writeLog("error", {
      event: "job_failed",
      job: name,
      scheduled_time: scheduledTime,
      error: messageOf(error),
    });
  }
}
