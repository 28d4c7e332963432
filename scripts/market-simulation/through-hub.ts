import type { CascadeTransition } from "../../src/cascade/cascade-record.ts";
import { ReplayedHub } from "../../src/cascade/replayed-hub.ts";
import type { Gap } from "../../src/gap.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import type { Liquidation } from "../../src/liquidation.ts";

export interface ThroughHub {
  /** The rows with the fields that the hub adds. */
  readonly rows: readonly Liquidation[];
  readonly transitions: readonly CascadeTransition[];
}

/**
 * Passes rows through the hub's own code, as they would have been received.
 * @param rows of all these base assets, in order of receipt
 * @param gaps of the feeds, oldest first
 */
export function throughHub(rows: readonly Liquidation[], symbols: readonly string[], gaps: readonly Gap[] = []): ThroughHub {
  const transitions: CascadeTransition[] = [];
  const hub = new ReplayedHub({ transition: (one) => transitions.push(one) });
  // Quiet minutes count from the beginning, as where a side has been followed for long.
  for (const symbol of symbols) for (const side of POSITION_SIDES) hub.baselineOf(symbol, side);
  const reports = gaps.flatMap((gap) => [
    { time: gap.from_time, gap: { ...gap, to_time: null } },
    ...(gap.to_time === null ? [] : [{ time: gap.to_time, gap }]),
  ]);
  const waiting = reports.toSorted((a, b) => b.time - a.time);
  const answered: Liquidation[] = [];
  for (const row of rows) {
    if (!symbols.includes(row.symbol)) throw new RangeError(`${row.symbol} is not among the base assets ${symbols.join(", ")}`);
    hub.advance(row.received_time, (beat) => {
      while ((waiting.at(-1)?.time ?? Number.POSITIVE_INFINITY) <= beat) {
        const report = waiting.pop();
        if (report !== undefined) hub.noteGap(report.gap);
      }
    });
    answered.push({ ...row, ...hub.observe(row) });
  }
  return { rows: answered, transitions };
}
