import type { Liquidation } from "../../src/liquidation.ts";
import { unwritableReason } from "../../src/parquet/writable.ts";
import type { Batch, RefusedRow } from "../../src/sink.ts";

/** A row without a place in the schema is given back, so that it does not hold up the rows around it for ever. */
export function sift(batch: Batch): { readonly writable: Batch; readonly refused: readonly RefusedRow[] } {
  const rows: Liquidation[] = [];
  const refused: RefusedRow[] = [];
  for (const row of batch.rows) {
    const reason = unwritableReason(row);
    if (reason === null) rows.push(row);
    else refused.push({ eventId: row.event_id, reason });
  }
  return { writable: { ...batch, rows }, refused };
}
