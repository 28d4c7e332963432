import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey } from "../../../src/daily/daily-keys.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { batchFiles } from "../../../src/parquet/batch-files.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import type { Batch } from "../../../src/sink.ts";

/** 2026-11-21 23:58, 2026-11-22 12:00 and 23:58 UTC: minutes within a day, and two midnights. */
const STARTS = [Date.UTC(2026, 10, 21, 23, 58), Date.UTC(2026, 10, 22, 12), Date.UTC(2026, 10, 22, 23, 58)];
const ROWS_PER_BATCH = 150;

/** Sealed batches of three venues around the day that docs/growing.md asks for, some of them over midnight. */
export function sampleBatches(): readonly Batch[] {
  const rows = STARTS.flatMap((start, index) => sampleLiquidations(900, index + 1, start));
  return [...Map.groupBy(rows, (row) => row.exchange)].flatMap(([exchange, some]) => batchesOf(exchange, some));
}

/** Rows that were inferred from trades, as one batch. */
export function inferredBatch(): Batch {
  const rows = sampleLiquidations(20, 9, STARTS[1]).map((row): Liquidation => ({
    ...row,
    event_id: `inferred:${row.event_id}`,
    exchange: "kucoin",
    coverage: "inferred",
  }));
  return { exchange: "kucoin", epoch: 1, sequence: 1, sealedTime: 1, rows, gaps: [] };
}

function batchesOf(exchange: ExchangeName, rows: readonly Liquidation[]): readonly Batch[] {
  return Array.from({ length: Math.ceil(rows.length / ROWS_PER_BATCH) }, (_, index) => ({
    exchange,
    epoch: 1_791_331_200_000,
    sequence: index + 1,
    sealedTime: 1,
    rows: rows.slice(index * ROWS_PER_BATCH, (index + 1) * ROWS_PER_BATCH),
    gaps: [],
  }));
}

/** Writes batches into a folder as the R2 sink writes them into the bucket. @returns the files' paths */
export function putBatches(folder: string, batches: readonly Batch[]): readonly string[] {
  return batches.flatMap((batch) => [...batchFiles(batch)].map(({ key, bytes }) => put(folder, key, bytes)));
}

/** Daily files of the rows, each event once, with the impact that only they have. */
export function putDailyFiles(folder: string, rows: readonly Liquidation[], impactBps: number): void {
  const once = [...new Map(rows.map((row) => [row.event_id, { ...row, impact_60s_bps: impactBps }])).values()];
  for (const [date, some] of Map.groupBy(once, (row) => utcDate(row.event_time))) {
    put(
      folder,
      dailyFileKey(date),
      encodeLiquidations(
        some.toSorted((a, b) => a.event_time - b.event_time),
        { metadata: {} },
      ),
    );
  }
}

function put(folder: string, key: string, bytes: Uint8Array): string {
  const path = join(folder, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
