import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContractGap, Gap } from "../../src/gap.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { parseConfig } from "../../src/config.ts";
import { accountFor } from "../demo/reconcile-gaps.ts";
import { readFeeds, untilDrained } from "../demo/read-feeds.ts";
import { rowsInD1, rowsInR2, rowsInSupabase, type StoredRow } from "../demo/stored-rows.ts";
import { type LocalStorage, openStorage, prepareLocalWorker } from "../local-worker.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";
import { environment, startVenues, type Venues } from "../simulator/start-venues.ts";
import { type EmbeddedSupabase, startSupabase } from "../supabase/embedded.ts";
import { circumstancesOf } from "./circumstances.ts";
import type { Fault } from "./fault.ts";
import { describe } from "./fault.ts";
import type { CampaignOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { planDigest } from "./plan.ts";
import { type PlayedFault, playFaults } from "./play.ts";
import { report } from "./report.ts";
import { SCENARIOS } from "./scenarios.ts";
import { startStoreFates } from "./store-fates.ts";
import { falselyLive, MAX_SILENT_LIVE_MS, MAX_WITHDRAWN_MS, StateWatch } from "./watch.ts";
import { WorkerProcess } from "./worker-process.ts";

const CRON_MS = 20_000;
const LIVE_TIMEOUT_MS = 180_000;
const DRAIN_TIMEOUT_MS = 240_000;
/** A venue may hold a liquidation back this long before it is on the wire; OKX is held to it below. */
const VENUE_DELAY_MS = 5_000;

/** Plans, plays and judges a campaign. @returns the exit code */
export async function runCampaign(options: CampaignOptions, print: (line: string) => void): Promise<number> {
  const { seed, minutes, scenario, exchanges } = options;
  const faults = SCENARIOS[scenario](seed, minutes).filter((fault) => !("exchange" in fault) || exchanges.includes(fault.exchange));
  print(`campaign ${scenario}, seed ${seed}, ${minutes} minutes: ${faults.length} faults, plan ${planDigest(faults)}`);
  if (options.planOnly) {
    for (const fault of faults) print(line(fault));
    return 0;
  }
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-campaign-"));
  process.once("exit", () => rmSync(stateDir, { recursive: true, force: true, maxRetries: 3 }));
  const outcome = await play(options, faults, stateDir, print);
  const { text, violations } = report(outcome);
  print(text);
  print(violations === 0 ? "No violation." : `${violations} violations; again: npm run campaign -- ${again(options)}`);
  return violations === 0 ? 0 : 1;
}

function again({ seed, minutes, rate, scenario, exchanges }: CampaignOptions): string {
  return `--seed ${seed} --minutes ${minutes} --rate ${rate} --scenario ${scenario} --exchanges ${exchanges.join(",")}`;
}

async function play(options: CampaignOptions, faults: readonly Fault[], stateDir: string, print: (line: string) => void): Promise<Outcome> {
  const { seed, rate, verbose } = options;
  const [supabase] = await Promise.all([startSupabase({ dataDir: null }), prepareLocalWorker(stateDir)]);
  const venues = await startVenues({ seed, rate, okx: { lateMs: VENUE_DELAY_MS } });
  venues.quiet();
  const stores = await startStoreFates(supabase);
  const variables = {
    ...environment(venues),
    ...(hasArchive(options) ? { SUPABASE_URL: supabase.url, SUPABASE_SECRET_KEY: supabase.secretKey } : {}),
    CAMPAIGN_FAULTS_URL: stores.url,
    LIQUIDATION_EXCHANGES: options.exchanges.join(","),
    LIQUIDATION_BATCH_INTERVAL_SECONDS: "2",
    LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: "3",
    LIQUIDATION_CLOUD_SYNC_BATCH_SIZE: "1000",
  };
  const worker = new WorkerProcess({ stateDir, variables, isFaulty: true }, (text) => verbose && print(text.trimEnd()));
  await worker.start();
  const cron = setInterval(() => void worker.cron(), CRON_MS);
  const wrong: string[] = [];
  try {
    if (!(await untilAllLive(worker, LIVE_TIMEOUT_MS))) wrong.push("not every feed was live before the first fault");
    const started = Date.now();
    venues.quiet(false);
    const watch = new StateWatch(worker);
    const played = await playFaults(faults, { venues, worker, stores, seed }, (fault) => print(`${clock(started)}  ${describe(fault)}`));
    print(`${clock(started)}  the faults are over`);
    // Half-open sockets and withdrawn subscriptions of the last faults are noticed by then.
    await sleep(options.exchanges.includes("deribit") ? MAX_WITHDRAWN_MS : MAX_SILENT_LIVE_MS);
    if (!(await untilAllLive(worker, LIVE_TIMEOUT_MS))) wrong.push(`not every feed was live again within ${LIVE_TIMEOUT_MS / 1_000} s`);
    venues.quiet();
    await sleep(VENUE_DELAY_MS + 1_000);
    const drained = worker.url !== null && (await untilDrained(worker.url, DRAIN_TIMEOUT_MS).catch(() => false));
    if (!drained) wrong.push(`not every store had everything within ${DRAIN_TIMEOUT_MS / 1_000} s`);
    const tookMs = Date.now() - started;
    print(`${clock(started)}  ${drained ? "all stores have everything" : "the stores do not have everything"}`);
    watch.stop();
    clearInterval(cron);
    await worker.stop();
    const { accounts, gaps, totals } = await judge(stateDir, options, supabase, venues, played);
    const connects = Object.fromEntries(venues.all().map((venue) => [venue.name, venue.connectCount()])) as Outcome["connects"];
    return { played, accounts, gaps, connects, watch, tookMs, wrong: [...wrong, ...totals, ...falselyLive(watch.seen, played)] };
  } finally {
    clearInterval(cron);
    await worker.kill();
    stores.stop();
    await Promise.all([venues.stop(), supabase.stop()]);
  }
}

/** Under load the embedded Supabase would take the processor from the venues that run beside it. */
function hasArchive({ scenario }: CampaignOptions): boolean {
  return scenario === "faults";
}

async function judge(
  stateDir: string,
  options: CampaignOptions,
  supabase: EmbeddedSupabase,
  venues: Venues,
  played: readonly PlayedFault[],
) {
  const storage = await openStorage(stateDir);
  try {
    const archived = hasArchive(options) ? { supabase: await rowsInSupabase(supabase) } : {};
    const stores = { r2: await rowsInR2(storage), d1: await rowsInD1(storage), ...archived };
    const { results: gaps } = await storage.env.DB.prepare("SELECT * FROM gaps ORDER BY exchange, from_time").all<Gap>();
    const ofContracts = "SELECT * FROM contract_gaps WHERE reason = 'not_subscribed'";
    const { results: contractGaps } = await storage.env.DB.prepare(ofContracts).all<ContractGap>();
    const circumstances = circumstancesOf(played);
    const collected = venues.all().filter(({ name }) => options.exchanges.includes(name));
    const accounts = collected.map((venue) => {
      const published = venue.ledger().filter(isOwed);
      const own = [...gaps, ...contractGaps].filter(({ exchange }) => exchange === venue.name);
      return accountFor(venue.name, published, stores, own, circumstances);
    });
    return { accounts, gaps: [...gaps, ...contractGaps], totals: await wrongTotals(storage.env.DB, stores.d1) };
  } finally {
    await storage.dispose();
  }
}

/** The minute totals are sums over D1's rows, so both must count the same. */
async function wrongTotals(db: LocalStorage["env"]["DB"], rows: readonly StoredRow[]): Promise<readonly string[]> {
  const { results } = await db
    .prepare("SELECT exchange, sum(events) AS events FROM minute_totals GROUP BY exchange")
    .all<{ readonly exchange: string; readonly events: number }>();
  return EXCHANGES.flatMap((exchange) => {
    const stored = rows.filter((row) => row.exchange === exchange).length;
    const counted = results.find((one) => one.exchange === exchange)?.events ?? 0;
    return stored === counted ? [] : [`${exchange} has ${stored} rows in D1, and its minute totals count ${counted}`];
  });
}

/** Published, and of an instrument that is collected: Binance shows COIN-M only where all of its liquidations are taken. */
function isOwed({ published_time: time, symbol, exchange, instrument }: LedgerEvent): boolean {
  const { LIQUIDATION_SYMBOLS: symbols } = parseConfig({});
  if (time === null || !(symbols === "*" || symbols.has(symbol))) return false;
  return exchange !== "binance" || !instrument.endsWith("_PERP");
}

async function untilAllLive(worker: WorkerProcess, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(1_000)) {
    if (worker.url === null) continue;
    const feeds = await readFeeds(worker.url).catch(() => []);
    if (feeds.length > 0 && feeds.every(({ state }) => state === "live")) return true;
  }
  return false;
}

function line(fault: Fault): string {
  return `${(fault.at / 1_000).toFixed(1).padStart(6)} s  ${describe(fault)}`;
}

function clock(started: number): string {
  return `${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s`;
}
