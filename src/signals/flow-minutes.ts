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
  const start = end - FLOW_MINUTES * MINUTE_MS;
  const flowOf = (side: PositionSide) => flow.filter((row) => row.position_side === side);
  const [longs, shorts, ownMarks] = [firstOf(flowOf("long"), start), firstOf(flowOf("short"), start), firstOf(marks, start)];
  return Array.from({ length: FLOW_MINUTES }, (_, index) => {
    const mark = ownMarks[index];
    return {
      minute: start + index * MINUTE_MS,
      long_usd: longs[index]?.usd ?? 0,
      short_usd: shorts[index]?.usd ?? 0,
      mark_high: mark?.high ?? null,
      mark_low: mark?.low ?? null,
      mark_close: mark?.close ?? null,
    };
  });
}

/** The first row of each minute since `start`. */
function firstOf<Row extends { readonly minute: number }>(rows: readonly Row[], start: number): readonly (Row | undefined)[] {
  const first: (Row | undefined)[] = Array.from({ length: FLOW_MINUTES });
  for (const row of rows) {
    const index = (row.minute - start) / MINUTE_MS;
    if (index >= 0 && index < FLOW_MINUTES) first[index] ??= row;
  }
  return first;
}
