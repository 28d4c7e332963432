import { join } from "node:path";
import { SECOND_MS } from "../../src/windows/calendar.ts";
import { newAdminToken } from "../admin-token.ts";
import { type LocalWorker, prepareLocalWorker, startLocalWorker } from "../local-worker.ts";
import { environment, startVenues, type Venues } from "../simulator/start-venues.ts";
import { type EmbeddedSupabase, startSupabase } from "../supabase/embedded.ts";
import { DEMO_VARIABLES } from "./demo-venues.ts";
import { keepHistory, restoreHistory } from "./history/kept-history.ts";
import { expectHandover, type MadeHistory, makeHistory } from "./history/make-history.ts";
import type { DemoOptions } from "./options.ts";
import { startWebhookReceiver, subscribe, type WebhookReceiver } from "./webhook-receiver.ts";

/** All that runs in a demo. */
export interface Stack {
  readonly stateDir: string;
  readonly adminToken: string;
  readonly worker: LocalWorker;
  /** Quiet as yet. */
  readonly venues: Venues;
  readonly supabase: EmbeddedSupabase;
  readonly receiver: WebhookReceiver;
  /** Null where none was made. */
  readonly history: MadeHistory | null;
  /** What is received from then on is this run's, ms. */
  readonly startTime: number;
}

export async function startStack(options: DemoOptions, stateDir: string, tell: (step: string) => void): Promise<Stack> {
  tell("preparing the databases");
  const { historyDays: days } = options;
  const request = { seed: options.seed, rate: options.rate, days };
  const kept = days === 0 || options.fresh ? null : await restoreHistory(stateDir, request, Date.now());
  const [supabase] = await Promise.all([startSupabase({ dataDir: join(stateDir, "supabase") }), prepareLocalWorker(stateDir)]);
  if (days > 0 && kept === null) tell(`simulating ${days} ${days === 1 ? "day" : "days"} of history`);
  const made = days === 0 || kept !== null ? null : await makeHistory(stateDir, request);
  if (made !== null) await keepHistory(stateDir, request, made);
  const history = kept ?? made;
  if (history !== null) await expectHandover(stateDir, history);
  tell("starting the venues and the Worker");
  const receiver = await startWebhookReceiver();
  const venues = await startVenues({ seed: options.seed, rate: options.rate });
  // Nobody is liquidated before all feeds are live.
  venues.quiet();
  // The last frames of the history were received up to a second after its end.
  const startTime = Math.max(Date.now(), (history?.endTime ?? 0) + SECOND_MS);
  const adminToken = newAdminToken();
  const worker = await startLocalWorker({
    stateDir,
    isPrepared: true,
    port: options.port,
    variables: {
      ...environment(venues),
      ...DEMO_VARIABLES,
      SUPABASE_URL: supabase.url,
      SUPABASE_SECRET_KEY: supabase.secretKey,
      LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: "10",
      LOCAL_DEVELOPMENT: "true",
      ADMIN_TOKEN: adminToken,
      // A spike is a rise against the window before. Without a history there is no quarter of an hour to look back on, and no rank.
      ...(days > 0 ? {} : { LIQUIDATION_COMPARISON_WINDOW: "1", LIQUIDATION_SPIKE_PERCENTILE: "0" }),
    },
    log: (line) => options.verbose && console.log(line),
  });
  await subscribe(worker.url, adminToken, receiver);
  return { stateDir, adminToken, worker, venues, supabase, receiver, history, startTime };
}
