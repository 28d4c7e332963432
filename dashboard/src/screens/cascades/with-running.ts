import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import type { PositionSide } from "../../../../src/liquidation.ts";

/** Which of the running cascades a list shows. */
export interface RunningFilter {
  /** Null shows all base assets. */
  readonly symbol: string | null;
  readonly side: PositionSide | null;
  /** Minimum USD of those that run and of those that are asked for. */
  readonly minUsd: number;
  /** The place in the list; null is its beginning. */
  readonly cursor: string | null;
}

/**
 * A page of the API with what the stream said since: a running cascade is replaced by its newer record, and one that the page
 * does not have yet stands above it.
 */
export function withRunning<Row extends CascadeRecord>(
  page: readonly Row[],
  running: readonly CascadeRecord[],
  { symbol, side, minUsd, cursor }: RunningFilter,
): readonly CascadeRecord[] {
  const held = new Map<string, CascadeRecord>(running.map((record) => [record.cascade_id, record]));
  const listed = new Set(page.map(({ cascade_id: id }) => id));
  const fits = (record: CascadeRecord) =>
    !listed.has(record.cascade_id) &&
    (symbol === null || record.symbol === symbol) &&
    (side === null || record.position_side === side) &&
    record.usd >= minUsd;
  const added = cursor === null ? running.filter(fits).toSorted((a, b) => b.start_time - a.start_time) : [];
  return [...added, ...page.map((row) => newer(row, held.get(row.cascade_id)))];
}

/** The stream's record ends later and grows; an old one of it says less than the page. */
function newer(row: CascadeRecord, streamed: CascadeRecord | undefined): CascadeRecord {
  if (streamed === undefined || row.state === "ended" || streamed.events < row.events) return row;
  return streamed;
}
