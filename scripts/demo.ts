import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseConfig } from "../src/config.ts";
import type { Liquidation } from "../src/liquidation.ts";
import type { SignalRecord } from "../src/signals/ledger.ts";
import type { ScriptedCascade } from "./simulator/cascade-script.ts";
import type { LedgerEvent } from "./simulator/ledger.ts";
import { environment, startVenues } from "./simulator/start-venues.ts";
import { type Comparison, compareCascade } from "./demo/compare-cascade.ts";
import { DEMO_CASCADE } from "./demo/demo-cascade.ts";
import { fieldShares } from "./demo/field-shares.ts";
import { readFeeds, untilDrained, untilLive } from "./demo/read-feeds.ts";
import { isWhole, reconcile, type Reconciliation } from "./demo/reconcile.ts";
import { signalBoxes } from "./demo/signal-boxes.ts";
import { statusTables } from "./demo/status-table.ts";
import { cascadesInD1, rowsInD1, rowsInR2, rowsInSupabase } from "./demo/stored-rows.ts";
import { type ReceivedEvent, startWebhookReceiver, subscribe, type WebhookReceiver } from "./demo/webhook-receiver.ts";
import { VENUE_COUNT } from "../src/exchanges/venue-count.ts";
import { startCron } from "./local-cron.ts";
import { type LocalStorage, openStorage, startLocalWorker } from "./local-worker.ts";
import { readNumberOption } from "./number-option.ts";
import { startSupabase } from "./supabase/embedded.ts";
import { table } from "./table.ts";

const USAGE = `npm run demo -- [--minutes N] [--rate R] [--seed N] [--port P] [--state DIR] [--verbose]

The whole system on this machine: ${VENUE_COUNT} venue simulators that speak the venues' protocols, an embedded Supabase, a
webhook receiver that verifies signatures, and the Worker.
  --minutes  end after N minutes with a reconciliation; exit code 0 only if every liquidation sent is in R2, D1 and
             Supabase once (default: run until Ctrl-C)
  --rate     liquidations a second over all venues (default 2)
  --seed     of the simulated market (default 1)
  --port     of the Worker (default: any free one)
  --state    folder of D1, R2, Supabase and the objects (default: a new one, removed at the end)
  --verbose  show what the Worker logs`;

const DRAIN_TIMEOUT_MS = 120_000;
/** A venue may hold a liquidation back this long before it is on the wire. */
const VENUE_DELAY_MS = 3_000;
/** The cascade's last liquidation may lie this long before its scripted end. */
const CASCADE_TAIL_MS = 5_000;
/** From a signal's issue to its receiver. */
const DELIVERY_LIMIT_MS = 2_000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string" },
      rate: { type: "string", default: "2" },
      seed: { type: "string", default: "1" },
      port: { type: "string", default: "0" },
      state: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    help: values.help,
    verbose: values.verbose,
    minutes: values.minutes === undefined ? Infinity : readNumberOption("--minutes", values.minutes, 0.1, 10_000),
    rate: readNumberOption("--rate", values.rate, 0, 1_000),
    seed: readNumberOption("--seed", values.seed, 0, 2 ** 31),
    port: readNumberOption("--port", values.port, 0, 65_535),
    state: values.state,
  };
}

async function demo(options: ReturnType<typeof readOptions>): Promise<boolean> {
  const stateDir = options.state ?? (await mkdtemp(join(tmpdir(), "liquidations-demo-")));
  const venues = await startVenues({ seed: options.seed, rate: options.rate });
  const supabase = await startSupabase({ dataDir: join(stateDir, "supabase") });
  const receiver = await startWebhookReceiver((event) => void showSignal(worker.url, event));
  const adminToken = randomUUID();
  const worker = await startLocalWorker({
    stateDir,
    port: options.port,
    variables: {
      ...environment(venues),
      SUPABASE_URL: supabase.url,
      SUPABASE_SECRET_KEY: supabase.secretKey,
      LIQUIDATION_CLOUD_SYNC_INTERVAL_SECONDS: "10",
      // A spike is a rise against the window before, and the demo has no quarter of an hour to look back on.
      LIQUIDATION_COMPARISON_WINDOW: "1",
      LOCAL_DEVELOPMENT: "true",
      ADMIN_TOKEN: adminToken,
    },
    log: (line) => options.verbose && console.log(line),
  });
  await subscribe(worker.url, adminToken, receiver);
  const started = Date.now();
  console.log(`The Worker is at ${worker.url} (dashboard /, API /v1/status). ${options.rate} liquidations/s, seed ${options.seed}.`);
  const stopCron = startCron(worker, async () => console.log(`\n${statusTables(await readFeeds(worker.url), Date.now() - started)}`));
  const end = ended(options.minutes);
  await Promise.race([end, untilLive(worker.url).then(() => venues.cascade(DEMO_CASCADE))]);
  await end;
  venues.quiet();
  console.log("\nThe venues send no more liquidations; waiting until every store has everything.");
  await new Promise((resolve) => setTimeout(resolve, VENUE_DELAY_MS));
  const drained = await untilDrained(worker.url, DRAIN_TIMEOUT_MS);
  stopCron();
  const feeds = await readFeeds(worker.url);
  console.log(`\n${statusTables(feeds, Date.now() - started)}`);
  await worker.stop();
  // A venue's feed also carries base assets nobody asked for.
  const symbols = parseConfig({}).LIQUIDATION_SYMBOLS;
  const ledger = venues.all().flatMap((venue) => venue.ledger().filter(({ symbol }) => symbols === "*" || symbols.has(symbol)));
  const sent = ledger.filter(({ sent_time }) => sent_time !== null);
  const storage = await openStorage(stateDir);
  const inR2 = await rowsInR2(storage);
  const cascade = await checkCascade(venues.cascades(), sent, storage, inR2);
  const results = [
    reconcile("r2", ledger, inR2),
    reconcile("d1", ledger, await rowsInD1(storage)),
    reconcile("supabase", ledger, await rowsInSupabase(supabase)),
  ];
  await storage.dispose();
  receiver.stop();
  await Promise.all([supabase.stop(), venues.stop()]);
  if (options.state === undefined) await rm(stateDir, { recursive: true, force: true });
  console.log(`\nFields in the Parquet files\n${fieldShares(inR2)}`);
  printComparison(cascade);
  const delivered = checkDelivery(receiver, cascade !== null);
  printReconciliation(sent.length, results);
  if (!drained) console.log(`Not every store had everything after ${DRAIN_TIMEOUT_MS / 1_000} s.`);
  return drained && delivered && results.every(isWhole) && (cascade ?? []).every(({ agrees }) => agrees);
}

/** Prints the boxes of a signal as it arrives; its exact input is in the ledger. */
async function showSignal(workerUrl: string, event: ReceivedEvent): Promise<void> {
  if (event.type !== "signal.issued") return;
  const response = await fetch(`${workerUrl}/v1/signals/${String(event.data.signal_id)}`);
  if (!response.ok) return;
  const { data } = (await response.json()) as { data: SignalRecord };
  console.log(`\n${signalBoxes(data)}`);
}

/** Whether every signal came to the receiver in time; where the cascade was played there has to be one. */
function checkDelivery(receiver: WebhookReceiver, isSignalDue: boolean): boolean {
  const waits = receiver.events
    .filter(({ type }) => type === "signal.issued")
    .map(({ data, receivedTime }) => receivedTime - Number(data.created_time));
  const kinds = [...Map.groupBy(receiver.events, ({ type }) => type)].map(([type, events]) => `${events.length} ${type}`);
  const slowest = waits.length === 0 ? "" : `; signals ${Math.max(...waits)} ms after being issued, the slowest`;
  console.log(`\nWebhooks received with a good signature: ${kinds.join(", ") || "none"}${slowest}; ${receiver.refused} refused.`);
  const isDone = waits.every((wait) => wait <= DELIVERY_LIMIT_MS) && (waits.length > 0 || !isSignalDue) && receiver.refused === 0;
  if (!isDone) console.log(`A signal was due within ${DELIVERY_LIMIT_MS} ms, signed.`);
  return isDone;
}

/** Null where the run ended before the scripted cascade did. */
async function checkCascade(
  scripts: readonly ScriptedCascade[],
  sent: readonly LedgerEvent[],
  storage: LocalStorage,
  rows: readonly Liquidation[],
): Promise<readonly Comparison[] | null> {
  const script = scripts[0];
  if (script === undefined || script.endTime > Math.max(...sent.map(({ event_time }) => event_time)) + CASCADE_TAIL_MS) return null;
  const [reported] = await cascadesInD1(storage, script.symbol, script.side);
  return compareCascade(script, sent, reported, rows);
}

function printComparison(comparison: readonly Comparison[] | null): void {
  if (comparison === null) {
    console.log("\nThe run ended before the scripted cascade did, so there is nothing to compare.");
    return;
  }
  const rows = comparison.map(({ what, scripted, reported, agrees }) => [what, scripted, reported, agrees ? "agrees" : "DIFFERS"]);
  console.log(`\nThe scripted cascade, and what was reported of it\n${table(["", "script", "report", ""], rows)}`);
}

function printReconciliation(sent: number, results: readonly Reconciliation[]): void {
  console.log(`\nReconciliation: ${sent} liquidations sent over the wire`);
  const rows = results.map(({ store, stored, missing, surplus }) => [
    store,
    String(stored),
    String(missing.length),
    String(surplus.length),
  ]);
  console.log(table(["store", "rows", "missing", "surplus"], rows));
  for (const { store, missing, surplus } of results) {
    for (const key of missing.slice(0, 5)) console.log(`missing in ${store}: ${key}`);
    for (const id of surplus.slice(0, 5)) console.log(`surplus in ${store}: ${id}`);
  }
  console.log(results.every(isWhole) ? "sent = R2 = D1 = Supabase, each liquidation once." : "The stores differ from what was sent.");
}

/** Resolves after the minutes, or at Ctrl-C. */
function ended(minutes: number): Promise<void> {
  return new Promise((resolve) => {
    if (Number.isFinite(minutes)) setTimeout(resolve, minutes * 60_000);
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

let options: ReturnType<typeof readOptions>;
try {
  options = readOptions();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
// Servers that a failure leaves behind would keep the process alive.
demo(options).then(
  (whole) => process.exit(whole ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
