import { EVERY_RUN } from "../../src/metrics.ts";
import { flushFeeds, listedSymbols } from "../feeds.ts";
import { announceFeedHealth } from "../webhooks/announce-feed-health.ts";
import { analytics } from "./analytics.ts";
import { cascadeEstimates } from "./cascade-estimates.ts";
import { changeLogs } from "./change-logs.ts";
import type { CronJob, CronRun } from "./cron-job.ts";
import { estimates } from "./estimates.ts";
import { watchExports } from "./exports.ts";
import { feedProbes } from "./feed-probes.ts";
import { gradeArchive } from "./grade-archive.ts";
import { grades } from "./grades.ts";
import { hubWatch } from "./hub-watch.ts";
import { hourMarks } from "./hour-marks.ts";
import { hourTotals } from "./hour-totals.ts";
import { keyRequests } from "./key-requests.ts";
import { anchorArchive, ledgerAnchors } from "./ledger-anchors.ts";
import { LONG_JOBS } from "./long-jobs/long-jobs.ts";
import { startIfDue } from "./long-jobs/start-long-job.ts";
import { marketState } from "./market-state.ts";
import { quarterHourTotals } from "./quarter-hour-totals.ts";
import { rawRetention } from "./raw-retention.ts";
import { retention } from "./retention.ts";
import { publishEstimates } from "../stream/publish-estimates.ts";
import { keepScoredBlocks } from "../signals/scored-blocks.ts";
import { signalArchive } from "./signal-archive.ts";
import { signals } from "./signals.ts";
import { supabaseUpkeep } from "./supabase-upkeep.ts";
import { symbols } from "./symbols.ts";
import { readAggregator } from "../aggregators/read-aggregator.ts";
import { fitSilences } from "../silence/fit-silences.ts";
import { watchSilence } from "../silence/watch-silence.ts";
import { webhookEndpoints } from "./webhook-endpoints.ts";

/** The model may be asked again after a failure, and a decision that is under way is worth waiting for. */
const SIGNALS_PATIENCE_MS = 45_000;

/**
 * What a minute is for, in this order. Each claims what it works on in D1, so two runs at once do nothing twice.
 */
export const MINUTE_JOBS: readonly CronJob[] = [
  { name: EVERY_RUN, run: watched },
  {
    name: "feed_health",
    run: ({ env, config, feeds, scheduledTime }) => announceFeedHealth(env, config, feeds, scheduledTime),
  },
  { name: "silence", run: ({ env, config, feeds, scheduledTime }) => watchSilence(env, config, feeds, scheduledTime) },
  { name: "hub_watch", run: ({ env, config, scheduledTime }) => hubWatch(env, config, scheduledTime) },
  { name: "hour_totals", run: ({ env, scheduledTime }) => hourTotals(env.DB, scheduledTime) },
  { name: "quarter_totals", run: ({ env, config, scheduledTime }) => quarterHourTotals(env.DB, config, scheduledTime) },
  { name: "estimates", run: ({ env, scheduledTime }) => estimates(env.DB, scheduledTime) },
  { name: "estimate_frames", run: ({ env, config }) => publishEstimates(env, config) },
  // Before grades, which draw trades at random times from these hours.
  { name: "hour_marks", run: ({ env, scheduledTime }) => hourMarks(env.DB, scheduledTime) },
  { name: "flush", run: ({ env, config }) => flushFeeds(env, config) },
  {
    name: "signals",
    patienceMs: SIGNALS_PATIENCE_MS,
    run: ({ env, config, scheduledTime }) => signals(env, config, scheduledTime),
  },
];

/**
 * What may wait for a minute, in any order: each run begins with another one, so that none starves those after it. One
 * run at a time works on them.
 */
export const UPKEEP_JOBS: readonly CronJob[] = [
  {
    name: "symbols",
    run: ({ env, config, feeds }) => symbols(env.DB, feeds, (exchange) => listedSymbols(env, config, exchange)),
  },
  { name: "grades", run: ({ env, config, scheduledTime }) => grades(env, config, scheduledTime) },
  { name: "scored_blocks", run: ({ env }) => keepScoredBlocks(env.DB) },
  { name: "market_state", run: ({ env, config, scheduledTime }) => marketState(env.DB, config, scheduledTime) },
  { name: "cascade_estimates", run: ({ env, config, scheduledTime }) => cascadeEstimates(env.DB, config, scheduledTime) },
  { name: "retention", run: ({ env, config, scheduledTime, feeds }) => retention(env.DB, config, scheduledTime, feeds) },
  { name: "key_requests", run: ({ env, scheduledTime }) => keyRequests(env.DB, scheduledTime) },
  { name: "raw_retention", run: ({ env, config, scheduledTime }) => rawRetention(env, config, scheduledTime) },
  { name: "change_logs", run: ({ env, config, scheduledTime }) => changeLogs(env, config, scheduledTime) },
  { name: "silence_fit", run: ({ env, config, scheduledTime }) => fitSilences(env.DB, config, scheduledTime) },
  { name: "aggregator", run: ({ env, config, scheduledTime }) => readAggregator(env.DB, config, scheduledTime) },
  { name: "feed_probes", run: ({ env, config, scheduledTime }) => feedProbes(env, config, scheduledTime) },
  { name: "webhooks", run: ({ env, config, scheduledTime }) => webhookEndpoints(env, config, scheduledTime) },
  { name: "ledger_anchors", run: ({ env, config, scheduledTime }) => ledgerAnchors(env, config, scheduledTime) },
  { name: "exports", run: ({ env, config, scheduledTime }) => watchExports(env, config, scheduledTime) },
  { name: "analytics", run: ({ env, config, scheduledTime }) => analytics(env.DB, config, scheduledTime) },
  { name: "signal_archive", run: ({ env, config, scheduledTime }) => signalArchive(env.DB, config, scheduledTime) },
  { name: "grade_archive", run: ({ env, config, scheduledTime }) => gradeArchive(env.DB, config, scheduledTime) },
  { name: "anchor_archive", run: ({ env, config, scheduledTime }) => anchorArchive(env.DB, config, scheduledTime) },
  { name: "supabase_upkeep", run: ({ env, config, scheduledTime }) => supabaseUpkeep(env.DB, config, scheduledTime) },
  ...LONG_JOBS.map((job): CronJob => ({ name: `start_${job.name}`, run: (run) => startIfDue(job, run) })),
];

/**
 * Requesting its status wakes a feed and sets its alarm if that was lost. What remains is to publish how the feeds are.
 */
function watched({ feeds }: CronRun): Record<string, string> {
  return Object.fromEntries(feeds.map(({ exchange, status, error }) => [exchange, status?.state ?? `unreachable: ${error ?? ""}`]));
}
