import type { PositionSide } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { MarkRow } from "./path-venue.ts";
import type { FlowMinute } from "./signal-input.ts";

/** The number of minutes of flow and mark prices that a decision looks at. */
export const FLOW_MINUTES = 15;

/** The USD liquidated on one side in one minute; null where it is unknown for every event. */
export interface FlowRow {
  readonly minute: number;
  readonly position_side: PositionSide;
  readonly usd: number | null;
}

/** The flow and mark price of the minutes before `end`, oldest first. */
export function flowMinutes(
  end: number,
  flow: readonly FlowRow[],
  marks: readonly Pick<MarkRow, "minute" | "high" | "low" | "close">[],
): readonly FlowMinute[] {
  return Array.from({ length: FLOW_MINUTES }, (_, index) => {
    const minute = end - (FLOW_MINUTES - index) * MINUTE_MS;
    const usd = (side: PositionSide) => flow.find((row) => row.minute === minute && row.position_side === side)?.usd ?? 0;
    const mark = marks.find((row) => row.minute === minute);
    return {
      minute,
      long_usd: usd("long"),
      short_usd: usd("short"),
      mark_high: mark?.high ?? null,
      mark_low: mark?.low ?? null,
      mark_close: mark?.close ?? null,
    };
  });
}
