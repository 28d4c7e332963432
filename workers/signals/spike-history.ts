import { HEADLINE_HORIZON } from "../../src/grades/grade.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { type GradedSpike, MAX_PAST_SPIKES } from "../../src/signals/past-spikes.ts";
import type { SpikeShape } from "../../src/signals/spike-shape.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { HISTORY_COLUMNS, historyRow } from "./history-row.ts";

/** ?2 the id and ?9 the hash: only where the ledger has the record. */
const ADD = `
  INSERT INTO spike_history (${HISTORY_COLUMNS.join(", ")})
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM signals WHERE signal_id = ?2 AND hash = ?9)
  ON CONFLICT (minute, signal_id) DO NOTHING`;

const GRADED = `
  SELECT symbol, minute, analyst, action, confidence, side, shape, forward_return_bps, net_return_bps,
    fade_net_return_bps, follow_net_return_bps
  FROM (
    SELECT * FROM spike_history WHERE minute < ?1 ORDER BY minute DESC, signal_id DESC LIMIT ${MAX_PAST_SPIKES}
  ) AS spikes CROSS JOIN signal_grades AS grades
  WHERE grades.signal_id = spikes.signal_id AND grades.horizon = '${HEADLINE_HORIZON}'
    AND grades.graded_time < ?1 AND grades.forward_return_bps IS NOT NULL
  ORDER BY spikes.minute DESC, spikes.signal_id DESC`;

/** The statement that adds a decided spike, in the transaction of its record. */
export function addToHistory(db: D1Database, record: SignalRecord): D1PreparedStatement {
  const row = historyRow(record);
  return db.prepare(ADD).bind(...HISTORY_COLUMNS.map((name) => row[name]), record.hash);
}

/** The statement that reads the decided spikes that were graded before a minute; pass its rows to `gradedSpikesOf`. */
export function gradedSpikes(db: D1Database, minute: number): D1PreparedStatement {
  return db.prepare(GRADED).bind(minute);
}

/** Newest first. */
export function gradedSpikesOf(result: D1Result | undefined): readonly GradedSpike[] {
  return rowsOf<Omit<GradedSpike, "shape"> & { readonly shape: string | null }>(result).map(({ shape, ...row }) => ({
    ...row,
    shape: shape === null ? null : (JSON.parse(shape) as SpikeShape),
  }));
}
