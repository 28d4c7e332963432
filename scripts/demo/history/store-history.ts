import type { D1Database, R2Bucket } from "@cloudflare/workers-types";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import type { Config } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import type { Sink } from "../../../src/sink.ts";
import { writeStorable } from "../../../src/storable.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { LocalStorage } from "../../local-worker.ts";
import { loadWorkerModule } from "../../worker-modules.ts";
import type { HistoricSignal } from "./replay-history.ts";
import type { History } from "./simulate-history.ts";
import { insertRows } from "./insert-rows.ts";
import { MINUTE_COLUMNS, minuteTotals } from "./minute-totals.ts";
import { storeSignals } from "./store-signals.ts";

/** As many as a venue brings in some minutes of a busy market. */
const BATCH_ROWS = 2_000;

interface Stores {
  readonly DB: D1Database;
  readonly BUCKET: R2Bucket;
}

/** The Worker's own code, so that the history lies in the stores as if the Worker had collected it. */
async function loadWorker() {
  const [r2, d1, hours, quarterHours, blocks, cascades, hourMarks, scored] = await Promise.all(
    [
      "workers/sinks/r2.ts",
      "workers/sinks/d1.ts",
      "workers/cron/hour-totals.ts",
      "workers/cron/quarter-hour-totals.ts",
      "workers/d1/total-blocks.ts",
      "workers/d1/cascade-writes.ts",
      "workers/cron/hour-marks.ts",
      "workers/signals/scored-blocks.ts",
    ].map(loadWorkerModule),
  );
  return {
    r2: (r2 as { readonly r2Sink: Sink<Stores> }).r2Sink,
    d1: (d1 as { readonly d1Sink: Sink<Stores> }).d1Sink,
    hourTotals: (hours as { readonly hourTotals: (...given: [D1Database, number]) => Promise<{ more: boolean }> }).hourTotals,
    quarterHourTotals: (
      quarterHours as { readonly quarterHourTotals: (...given: [D1Database, Config, number]) => Promise<{ quarter_hours: number }> }
    ).quarterHourTotals,
    fillMinuteBlocks: (blocks as { readonly FILL_MINUTE_BLOCKS: string }).FILL_MINUTE_BLOCKS,
    saveCascades: (
      cascades as { readonly saveCascades: (...given: [D1Database, readonly CascadeRecord[], number]) => Promise<readonly unknown[]> }
    ).saveCascades,
    hourMarks: (hourMarks as { readonly hourMarks: (...given: [D1Database, number]) => Promise<{ hours: number }> }).hourMarks,
    keepScoredBlocks: (scored as { readonly keepScoredBlocks: (db: D1Database) => Promise<{ blocks: number }> }).keepScoredBlocks,
  };
}

/** Whether anything was ever collected into these stores. */
export async function isUsed({ env }: LocalStorage): Promise<boolean> {
  return (await env.DB.prepare("SELECT 1 FROM minute_totals LIMIT 1").first()) !== null;
}

/**
 * Puts a history where the Worker would have put it: batches, hot events, totals, marks, gaps, cascades and the ledger. The
 * files of its days are left to the Worker's first run. Supabase gets none of it.
 */
export async function storeHistory(
  { env }: LocalStorage,
  history: History,
  gaps: readonly Gap[],
  signals: readonly HistoricSignal[],
  config: Config,
): Promise<void> {
  const worker = await loadWorker();
  const now = history.endTime;
  // As retention leaves it: older events are deleted, and their minutes final.
  const hotFrom = floorTo(now - (config.LIQUIDATION_LOCAL_RETENTION_HOURS + 1) * HOUR_MS, MINUTE_MS);
  await env.DB.prepare("UPDATE hot_events SET from_time = ?1").bind(hotFrom).run();
  await storeClosedMinutes(
    env.DB,
    history.liquidations.filter(({ event_time: time }) => time < hotFrom),
  );
  await storeBatches([worker.r2], env, history.liquidations, history, config);
  const hot = history.liquidations.filter(({ event_time: time }) => time >= hotFrom);
  await storeBatches([worker.d1], env, hot, history, config);
  await worker.d1.writeNotes?.(env, { exchange: "binance", gaps, minuteMarks: history.minuteMarks });
  await worker.saveCascades(env.DB, history.cascades, now);
  await env.DB.prepare(worker.fillMinuteBlocks).run();
  while ((await worker.hourTotals(env.DB, now)).more);
  while ((await worker.quarterHourTotals(env.DB, config, now)).quarter_hours > 0);
  while ((await worker.hourMarks(env.DB, now)).hours > 0);
  await storeSignals(env.DB, signals, history);
  while ((await worker.keepScoredBlocks(env.DB)).blocks > 0);
}

/** The totals of minutes whose events D1 no longer has. */
async function storeClosedMinutes(db: D1Database, rows: readonly Liquidation[]): Promise<void> {
  await insertRows(db, "minute_totals", MINUTE_COLUMNS, minuteTotals(rows));
  const hours = [...new Set(rows.map(({ event_time: time }) => floorTo(time, HOUR_MS)))];
  await insertRows(
    db,
    "dirty_hours",
    ["hour"],
    hours.map((hour) => ({ hour })),
  );
}

async function storeBatches(
  sinks: readonly Sink<Stores>[],
  stores: Stores,
  liquidations: readonly Liquidation[],
  { startTime, endTime }: History,
  config: Config,
): Promise<void> {
  for (const exchange of EXCHANGES) {
    const own = liquidations.filter((row) => row.exchange === exchange);
    for (const [index, rows] of batchesOf(own).entries()) {
      const batch = { exchange, epoch: startTime, sequence: index + 1, sealedTime: endTime, rows, gaps: [] };
      for (const sink of sinks) {
        const outcome = await writeStorable(sink, stores, config, batch);
        if (outcome.kind === "failed") throw new Error(`The history could not be stored in ${sink.name}: ${outcome.error}`);
      }
    }
  }
}

/** No batch spans two dates, as the live ones hardly ever do. */
function batchesOf(rows: readonly Liquidation[]): readonly (readonly Liquidation[])[] {
  const days = Map.groupBy(rows, ({ event_time: time }) => floorTo(time, DAY_MS));
  return [...days.values()].flatMap((day) =>
    Array.from({ length: Math.ceil(day.length / BATCH_ROWS) }, (_, index) => day.slice(index * BATCH_ROWS, (index + 1) * BATCH_ROWS)),
  );
}
