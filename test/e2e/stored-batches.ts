import { batchObjectKey, utcDate } from "../../src/batch-object.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { openStorage } from "../../scripts/local-worker.ts";
import { loadParquet } from "../../scripts/parquet-module.ts";

/** As many as a busy venue brings in a batch interval. */
const BATCH_ROWS = 1_000;

/** Puts batch objects where feeds would have: one a venue, date and 1,000 rows. The Worker must not be running. */
export async function storeBatches(stateDir: string, rows: readonly Liquidation[]): Promise<void> {
  loadParquet();
  const storage = await openStorage(stateDir);
  const groups = Map.groupBy(rows, (row) => `${utcDate(row.event_time)} ${row.exchange}`);
  for (const group of groups.values()) {
    for (let from = 0; from < group.length; from += BATCH_ROWS) {
      const some = group.slice(from, from + BATCH_ROWS);
      const [first] = some;
      if (first === undefined) continue;
      const times = some.map((row) => row.event_time);
      const customMetadata = {
        rows: String(some.length),
        first_event_time: String(times.reduce((a, b) => Math.min(a, b))),
        last_event_time: String(times.reduce((a, b) => Math.max(a, b))),
      };
      const key = batchObjectKey(first.exchange, 1, 1 + from / BATCH_ROWS, utcDate(first.event_time));
      await storage.env.BUCKET.put(key, encodeLiquidations(some, { metadata: {} }), { customMetadata });
    }
  }
  await storage.dispose();
}
