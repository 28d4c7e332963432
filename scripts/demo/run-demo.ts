import { setTimeout as sleep } from "node:timers/promises";
import { VENUE_COUNT } from "../../src/exchanges/venue-count.ts";
import { type Check, checkTable, isPassed } from "./check.ts";
import { checkDelivery, checkRun, collected, wasSent } from "./check-run.ts";
import { type CutClient, startCutClient } from "./cut-client.ts";
import { CASCADE_MINUTES, demoCascade } from "./demo-cascade.ts";
import { fieldShares } from "./field-shares.ts";
import { pastReport, windowsReport } from "./market-report.ts";
import { type DemoOptions, MAX_MINUTES } from "./options.ts";
import { progressLine } from "./progress-line.ts";
import { readFeeds, untilRead, untilLive } from "./read-feeds.ts";
import { isWhole, type Reconciliation } from "./reconcile.ts";
import { Screen } from "./screen.ts";
import { type Stack, startStack } from "./stack.ts";
import { statusTables } from "./status-table.ts";
import { tryApi } from "./try-api.ts";
import { interruption } from "../interruption.ts";
import { startCron } from "../local-cron.ts";
import { table } from "../table.ts";
import { watchStream } from "../watch/watch-stream.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { messageOf } from "../../src/message-of.ts";

/** Of the liquidations only large ones: several a second are too many to read. */
const STREAM = { channels: "liquidation,cascade,signal,totals", min_usd: 100_000 };
const DRAIN_TIMEOUT_MS = 120_000;
/** What a venue does not count as waiting is on the wire within this time. */
const VENUE_DELAY_MS = 3_000;
/** A feed knows no volatility before it has seen prices for a minute, and without it a cascade cannot be distinguished from a drift. */
const PRICES_ONLY_MS = 65_000;

/**
 * Runs the whole system for as long as the options say, checks it and ends it.
 * @param stateDir a folder that can be written to
 * @returns the exit code
 */
export async function runDemo(options: DemoOptions, stateDir: string): Promise<number> {
  const screen = new Screen();
  const started = Date.now();
  const tell = (step: string) => screen.print(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${step}`);
  const stack = await startStack(options, stateDir, tell);
  const interrupted = interruption();
  screen.print(greeting(stack, options));
  const end = new AbortController();
  const request = { url: stack.worker.url, key: null, options: { ...STREAM, signal: end.signal } };
  const watching = watchStream({ ...request, print: (text) => screen.print(text) }).catch((error: unknown) =>
    screen.print(messageOf(error)),
  );
  const client = await startCutClient(stack.worker.url);
  const { liveTime, quietTime } = await runMarket(stack, options, screen, interrupted, client);
  await client.finish(quietTime);
  end.abort();
  await watching;
  return (await conclude(stack, screen, { liveTime, quietTime, client })) ? 0 : 1;
}

function greeting({ worker, adminToken, stateDir, history }: Stack, { seed, rate, state, minutes }: DemoOptions): string {
  const past =
    history === null
      ? "as this state has it"
      : [
          `simulated, from ${utc(history.startTime)} to ${utc(history.endTime)}: ${history.liquidations.toLocaleString("en-US")} liquidations,`,
          `               ${history.gaps} gaps, ${history.cascades} cascades, ${history.decisions} decisions of a simulated language model beside the rule model;`,
          `               in R2 and D1, not in Supabase`,
        ].join("\n");
  return [
    "",
    `Everything below is simulated: ${VENUE_COUNT} venues on this machine, one seeded market. It says nothing of the live market.`,
    `  dashboard    ${worker.url}/`,
    `  API          ${worker.url}/docs`,
    `  admin token  ${adminToken}`,
    `               curl -H "Authorization: Bearer ${adminToken}" ${worker.url}/v1/keys`,
    `  market       ${rate} liquidations/s, seed ${seed}`,
    `  history      ${past}`,
    ...(minutes < CASCADE_MINUTES
      ? []
      : ["  cascade      scripted; before the market begins, the venues show prices only for a minute, so that volatility is known"]),
    `  state        ${stateDir}${state === null ? " (removed at the end; --state DIR keeps it)" : ""}`,
    `  ends         ${minutes === MAX_MINUTES ? "at Ctrl-C" : `${minutes} minutes after the market has begun, or at Ctrl-C`}, with a check of everything`,
  ].join("\n");
}

/** Runs the market for the minutes asked for, with the scripted cascade in it. @returns when all feeds were live, if ever, and when the market stopped */
async function runMarket(stack: Stack, { minutes }: DemoOptions, screen: Screen, interrupted: Promise<void>, client: CutClient) {
  const { worker, venues } = stack;
  const started = Date.now();
  const tables = async () => screen.print(`\n${statusTables(await readFeeds(worker.url), Date.now() - started)}`);
  let isFirst = true;
  const stopCron = startCron(worker, async () => {
    await tables();
    // The first run makes the daily files of the history.
    if (isFirst) screen.print(`\n${await pastReport(worker.url)}`);
    isFirst = false;
  });
  let liveTime: number | null = null;
  let openTime: number | null = null;
  let isOver = false;
  screen.follow(() => progressLine(venues, openTime, minutes));
  const play = async () => {
    const hasCascade = minutes >= CASCADE_MINUTES;
    await untilLive(worker.url);
    liveTime = Date.now();
    openTime = liveTime + (hasCascade ? PRICES_ONLY_MS : 0);
    await sleep(openTime - liveTime);
    if (isOver) return;
    venues.quiet(false);
    if (hasCascade) venues.cascade(demoCascade(openTime));
    client.cutDuring(Math.min(minutes, CASCADE_MINUTES) * MINUTE_MS);
    await sleep(minutes * MINUTE_MS);
  };
  await Promise.race([interrupted, play()]);
  isOver = true;
  venues.quiet();
  const quietTime = Date.now();
  screen.rest();
  screen.print("\nThe market has stopped; waiting until every store has everything.");
  while (venues.all().some((venue) => venue.waiting() > 0)) await sleep(100);
  await sleep(VENUE_DELAY_MS);
  const isDrained = await untilRead(worker.url, DRAIN_TIMEOUT_MS);
  if (!isDrained) screen.print(`Not every store had everything after ${DRAIN_TIMEOUT_MS / 1_000} s.`);
  stopCron();
  await tables();
  return { liveTime, quietTime };
}

interface Played {
  readonly liveTime: number | null;
  readonly quietTime: number;
  readonly client: CutClient;
}

/** Checks the run, ends everything and prints the result. @returns whether all is as it has to be */
async function conclude(stack: Stack, screen: Screen, { liveTime, quietTime, client }: Played): Promise<boolean> {
  const { worker, receiver, venues, supabase, adminToken, startTime } = stack;
  screen.print(`\n${await windowsReport(worker.url)}`);
  const sent = collected(stack).filter(wasSent);
  const api = await tryApi(worker.url, adminToken, { start: startTime, end: Date.now() }, sent.length);
  await worker.stop();
  const report = await checkRun(stack, liveTime, quietTime);
  receiver.stop();
  await Promise.all([supabase.stop(), venues.stop()]);
  const delivery = checkDelivery(receiver, report.cascade.length > 0);
  screen.print(`\nFields in this run's Parquet files\n${fieldShares(report.rows)}`);
  screen.print(cascadeText(report.cascade));
  screen.print(`\nKeys and exports, as a customer tries them\n${checkTable("expected", "found", api)}`);
  const kinds = [...Map.groupBy(receiver.events, ({ type }) => type)].map(([type, events]) => `${events.length} ${type}`);
  screen.print(`\nWebhooks received: ${kinds.join(", ") || "none"}\n${checkTable("expected", "found", delivery)}`);
  screen.print(reconciliationText(sent.length, report.stores));
  const stream = client.checks(report.rows.map(({ event_id: id }) => id));
  screen.print(`\nThe live stream, as a client whose connection is cut receives it\n${checkTable("expected", "found", stream)}`);
  const isGood = report.stores.every(isWhole) && [report.cascade, api, delivery, stream].every(isPassed);
  screen.print(isGood ? "\nThe run is good." : "\nThe run is NOT good: see what differs above.");
  return isGood;
}

function cascadeText(checks: readonly Check[]): string {
  if (checks.length === 0) return "\nThe run ended before the scripted cascade did, so there is nothing to compare.";
  const title = "\nThe scripted cascade, and what was reported of it";
  const note = checks.some(({ agrees, advisory }) => !agrees && advisory === true)
    ? "\nAdvisory: the random walk goes on under the scripted move, and a cascade may pause. This does not decide the exit code."
    : "";
  return `${title}\n${checkTable("script", "report", checks)}${note}`;
}

function reconciliationText(sent: number, results: readonly Reconciliation[]): string {
  const rows = results.map(({ store, before, stored, missing, surplus }) => [
    store,
    String(before),
    String(stored),
    String(missing.length),
    String(surplus.length),
  ]);
  return [
    `\nReconciliation: ${sent} ${sent === 1 ? "liquidation" : "liquidations"} sent over the wire in this run`,
    table(["store", "rows from before", "rows of this run", "missing", "surplus"], rows),
    ...results.flatMap(({ store, missing }) => missing.slice(0, 5).map((key) => `missing in ${store}: ${key}`)),
    ...results.flatMap(({ store, surplus }) => surplus.slice(0, 5).map((id) => `surplus in ${store}: ${id}`)),
    results.every(isWhole) ? "sent = R2 = D1 = Supabase, each liquidation once." : "The stores differ from what was sent.",
  ].join("\n");
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
