import { utcDate } from "../../src/batch-object.ts";
import type { Config } from "../../src/config.ts";
import { planSlices } from "../../src/daily/plan.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { messageOf } from "../../src/message-of.ts";
import type { RefillableStore } from "../../src/refill.ts";
import type { Sink } from "../../src/sink.ts";
import { writeStorable } from "../../src/storable.ts";
import { type Budget, STEP_BUDGETS, isSpent } from "../../src/work-budgets.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type StoreRefill, failRefill, noteRefill, noteSkipped, openRefills } from "../d1/store-refills.ts";
import { liquidationsAt } from "../../src/parquet/decode.ts";
import { DayRows } from "../daily/day-rows.ts";
import { UnreadableDailyFileError } from "../daily/published-file.ts";
import { UnreadableBatchError } from "../daily/quarantine.ts";
import { readableContents } from "../daily/readable-contents.ts";
import type { Env } from "../env.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { d1Sink } from "../sinks/d1.ts";
import { supabaseSink } from "../sinks/supabase.ts";

const SINKS: Readonly<Record<Exclude<RefillableStore, "r2">, Pick<Sink<Env>, "write">>> = { d1: d1Sink, supabase: supabaseSink };

/** Of the stores for a slice, beside those for its batches. */
const CALLS_PER_SLICE = 12;

export interface RefillsRecord {
  readonly rows: number;
  /** Stores that are not full again yet. */
  readonly open: readonly RefillableStore[];
}

/** A daily file that does not match its manifest may be about to be replaced; after this long it is not. */
const REPLACEMENT_MS = HOUR_MS;

/**
 * Goes on with every refill from batches and daily files, slice by slice; one that fails goes on in the next minute. An
 * object that cannot be read is noted and skipped.
 */
export async function refills(
  env: Env,
  config: Config,
  now: number,
  runBudget: Readonly<Budget> = STEP_BUDGETS.refill,
): Promise<RefillsRecord> {
  const budget = { ...runBudget };
  const errors: unknown[] = [];
  for (const refill of await openRefills(env.DB)) {
    try {
      await goOn(env, config, refill, budget, now);
    } catch (error) {
      await failRefill(env.DB, refill, messageOf(error), now);
      errors.push(new Error(`${refill.store}: ${messageOf(error)}`, { cause: error }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => messageOf(error)).join("; "));
  return { rows: runBudget.rows - budget.rows, open: (await openRefills(env.DB)).map(({ store }) => store) };
}

async function goOn(env: Env, config: Config, refill: StoreRefill, budget: Budget, now: number): Promise<void> {
  loadParquet();
  const skipped = new Set(refill.skipped.map(({ key }) => key));
  const isPatient = now - (refill.failing_since ?? now) < REPLACEMENT_MS;
  let done = refill.done_until;
  while (done < refill.end_time && !isSpent(budget)) {
    try {
      const { rows, slices } = await dayOf(env, done, { skipped, isPatient });
      for (const slice of slices) {
        if (slice.end <= done || done >= refill.end_time || isSpent(budget)) continue;
        const range = { start: Math.max(done, slice.start), end: Math.min(refill.end_time, slice.end) };
        const written = liquidationsAt(await rows.read(range));
        const refused = await write(env, config, refill.store, written, now);
        done = range.end;
        budget.rows -= written.length;
        budget.objects -= rows.batchesIn(range).length + CALLS_PER_SLICE;
        const finishedTime = done >= refill.end_time ? now : null;
        await noteRefill(env.DB, refill, { doneUntil: done, rows: written.length, refused, finishedTime });
      }
    } catch (error) {
      if (!(error instanceof UnreadableBatchError || error instanceof UnreadableDailyFileError)) throw error;
      await noteSkipped(env.DB, refill, error);
      skipped.add(error.key);
      budget.objects -= 2;
    }
  }
}

interface Skipping {
  readonly skipped: ReadonlySet<string>;
  readonly isPatient: boolean;
}

/** The rows of the UTC day of a time, and slices of it that fit into memory. */
async function dayOf(
  env: Env,
  time: number,
  skipping: Skipping,
): Promise<{ readonly rows: DayRows; readonly slices: readonly TimeRange[] }> {
  const { manifest, batches } = await readableContents(env.BUCKET, utcDate(time), skipping);
  return {
    rows: new DayRows(env, { base: manifest, batches: [...batches] }),
    slices: planSlices(Math.floor(time / DAY_MS) * DAY_MS, batches, manifest),
  };
}

/** @returns the number of rows that the store refused */
async function write(env: Env, config: Config, store: RefillableStore, rows: readonly Liquidation[], now: number): Promise<number> {
  if (store === "r2") return 0;
  let refused = 0;
  for (const [exchange, some] of Map.groupBy(rows, (row) => row.exchange)) {
    const batch = { exchange, epoch: 0, sequence: 0, sealedTime: now, rows: some, gaps: [] };
    const outcome = await writeStorable(SINKS[store], env, config, batch);
    if (outcome.kind === "failed") throw new Error(outcome.error);
    refused += outcome.refused.length;
  }
  return refused;
}
