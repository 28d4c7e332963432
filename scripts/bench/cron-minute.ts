import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MINUTE_MS, ceilTo } from "../../src/windows/calendar.ts";
import { untilLive } from "../demo/read-feeds.ts";
import { type LocalWorker, openStorage, prepareLocalWorker, startLocalWorker } from "../local-worker.ts";
import { environment, startVenues } from "../simulator/start-venues.ts";
import { table } from "../table.ts";
import { BUSY_SYMBOLS, EVENTS_PER_DAY, storeBusyDays } from "./busy-days.ts";
import { workerdSeconds } from "./workerd-seconds.ts";

const WARM_UP = 2;
/** A quarter-hour ends among them. */
const MEASURED = 15;
/** What a run leaves behind, such as the garbage of its rows, is done by then, ms. */
const SETTLED_MS = 1_000;
const GOAL_S = 2;

/**
 * What a scheduled minute of the built Worker costs with 20 base assets and totals of 200,000 liquidations a day in D1: the
 * processor time, user and system, of the local runtime over the minute's jobs, less that of as long a stretch without.
 * The runtime's D1 is in it, which does not count as a deployed Worker's time.
 */
export async function benchCronMinute(print: (line: string) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-bench-"));
  const first = ceilTo(Date.now(), MINUTE_MS);
  await prepareLocalWorker(stateDir);
  const storage = await openStorage(stateDir);
  const stored = await storeBusyDays(storage.env.DB, first);
  await storage.dispose();
  const venues = await startVenues({ seed: 7, rate: 1 });
  // The feeds stay connected, with prices and books as always: what they do in between is that of the idle stretches.
  venues.quiet();
  const judged: Judgement[] = [];
  const worker = await startLocalWorker({
    stateDir,
    isPrepared: true,
    variables: { ...environment(venues), LIQUIDATION_SYMBOLS: BUSY_SYMBOLS.join(",") },
    log: (line) => judged.push(...judgementOf(line)),
  });
  try {
    await worker.tick(new Date(first));
    await untilLive(worker.url);
    const costs: { readonly minute: number; readonly seconds: number; readonly idle: number }[] = [];
    for (let index = 1; index <= WARM_UP + MEASURED; index += 1) {
      const minute = first + index * MINUTE_MS;
      const cost = await costOf(worker, minute);
      if (index > WARM_UP) costs.push({ minute, ...cost });
    }
    const partial = costs.filter(({ minute }) => judged.filter((one) => one.minute === minute).length !== BUSY_SYMBOLS.length);
    if (partial.length > 0) throw new Error(`${partial.length} minutes did not judge all ${BUSY_SYMBOLS.length} base assets`);
    report(print, stored, costs, judged);
  } finally {
    await worker.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** Processor seconds of a minute's run, and of a stretch as long without one. */
async function costOf(worker: LocalWorker, minute: number): Promise<{ readonly seconds: number; readonly idle: number }> {
  const [begun, before] = [performance.now(), await workerdSeconds()];
  await worker.tick(new Date(minute));
  await sleep(SETTLED_MS);
  const [tookMs, between] = [performance.now() - begun, await workerdSeconds()];
  await sleep(tookMs);
  return { seconds: between - before, idle: (await workerdSeconds()) - between };
}

/** What the spike rule said of a base asset, from the Worker's log. */
interface Judgement {
  readonly minute: number;
  readonly outcome: string;
  readonly uptime_share: number;
}

function judgementOf(line: string): readonly Judgement[] {
  return line.includes('"event":"spike_rule"') ? [JSON.parse(line.slice(line.indexOf("{"))) as Judgement] : [];
}

function report(
  print: (line: string) => void,
  { minuteTotals, minuteMarks }: Awaited<ReturnType<typeof storeBusyDays>>,
  costs: readonly { readonly minute: number; readonly seconds: number; readonly idle: number }[],
  judged: readonly Judgement[],
): void {
  print(
    `${BUSY_SYMBOLS.length} base assets, ${EVENTS_PER_DAY.toLocaleString("en")} liquidations a day: ${minuteTotals.toLocaleString("en")} minute totals and ${minuteMarks.toLocaleString("en")} minute marks in D1`,
  );
  print(
    table(
      [`processor seconds of ${costs.length} minutes`, "median", "most"],
      [
        row(
          "with the jobs of a minute",
          costs.map(({ seconds }) => seconds),
        ),
        row(
          "as long without",
          costs.map(({ idle }) => idle),
        ),
        row(
          "the jobs",
          costs.map(({ seconds, idle }) => seconds - idle),
        ),
      ],
    ),
  );
  const own = judged.filter((one) => costs.some(({ minute }) => minute === one.minute));
  const outcomes = [...Map.groupBy(own, ({ outcome }) => outcome)].map(([outcome, those]) => `${those.length} ${outcome}`).join(", ");
  print(
    `The spike rule judged ${own.length} base assets: ${outcomes}, at ${(100 * Math.min(...own.map((one) => one.uptime_share))).toFixed(0)} % cover`,
  );
  print(`Aim: the jobs under ${GOAL_S} s`);
}

function row(what: string, values: readonly number[]): readonly string[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [what, (sorted[sorted.length >> 1] ?? Number.NaN).toFixed(2), (sorted.at(-1) ?? Number.NaN).toFixed(2)];
}
