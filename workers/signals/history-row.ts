import type { SignalRecord } from "../../src/signals/ledger.ts";
import { dominantSide } from "../../src/signals/signal-input.ts";
import { shapeOf } from "../../src/signals/spike-shape.ts";

/** The columns of a decided spike. */
export const HISTORY_COLUMNS = ["minute", "signal_id", "symbol", "analyst", "action", "confidence", "side", "shape"] as const;

/** Its values. */
export function historyRow({
  statistics,
  ...record
}: SignalRecord): Readonly<Record<(typeof HISTORY_COLUMNS)[number], string | number | null>> {
  const { minute, signal_id, symbol, analyst, action, confidence } = record;
  const side = statistics === null ? null : (dominantSide(statistics)?.side ?? null);
  const shape = statistics === null ? null : shapeOf(statistics);
  return { minute, signal_id, symbol, analyst, action, confidence, side, shape: shape === null ? null : JSON.stringify(shape) };
}
