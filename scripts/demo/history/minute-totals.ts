import { Tally } from "../../../src/backtest/tally.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { Totals } from "../../../src/windows/totals.ts";
import { TOTAL_COLUMNS } from "../../../workers/d1/total-columns.ts";

export const MINUTE_COLUMNS = ["minute", "symbol", "exchange", "position_side", ...TOTAL_COLUMNS] as const;

/** A row of `minute_totals`. */
export interface MinuteTotals extends Totals, Pick<Liquidation, "symbol" | "exchange" | "position_side"> {
  /** Its start, ms. */
  readonly minute: number;
}

/** The totals of each minute, symbol, venue and side, as the Worker makes them of the same liquidations. */
export function minuteTotals(rows: readonly Liquidation[]): readonly MinuteTotals[] {
  const minutes = new Map<string, { readonly place: Omit<MinuteTotals, keyof Totals>; readonly tally: Tally }>();
  for (const row of rows) {
    const { symbol, exchange, position_side, event_time: time } = row;
    const place = { minute: floorTo(time, MINUTE_MS), symbol, exchange, position_side };
    const key = Object.values(place).join(" ");
    let known = minutes.get(key);
    if (known === undefined) minutes.set(key, (known = { place, tally: new Tally() }));
    known.tally.add(row);
  }
  return [...minutes.values()].map(({ place, tally }) => ({ ...place, ...tally.totals() }));
}
