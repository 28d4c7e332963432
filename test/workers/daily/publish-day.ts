import { env } from "cloudflare:workers";
import { utcDate } from "../../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../../src/daily/manifest.ts";
import { summarize } from "../../../src/daily/slice-summary.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { hex } from "../../../src/sha256.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { loadParquet } from "../../../workers/r2/parquet-module.ts";

/** Publishes the file of a day, with its rows in order of event time. */
export async function publishDay(rows: readonly Liquidation[], day: number, gaps: readonly Gap[] = []): Promise<void> {
  loadParquet();
  const date = utcDate(day);
  const bytes = encodeLiquidations(rows, { metadata: {} });
  const sha256 = await crypto.subtle.digest("SHA-256", bytes);
  const manifest = {
    ...summarize(rows),
    date,
    file: dailyFileKey(date),
    bytes: bytes.length,
    sha256: hex(sha256),
    schema_version: 1,
    gaps: [...gaps],
    gaps_truncated: false,
    completeness: null,
    ledger: null,
    licence: null,
    source_batches: 1,
    created_time: day + DAY_MS,
    row_group_rows: [rows.length],
    slices: [{ from_time: day, to_time: day + DAY_MS, rows: rows.length }],
  } satisfies DailyManifest;
  await env.BUCKET.put(dailyFileKey(date), bytes, { sha256 });
  await env.BUCKET.put(dailyManifestKey(date), JSON.stringify(manifest));
}
