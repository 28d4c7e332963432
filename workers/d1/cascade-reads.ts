import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { TimedPlace } from "./timed-place.ts";

type Row = Omit<CascadeRecord, "exchanges" | "gaps" | "constants" | "market_wide"> & {
  readonly exchanges: string;
  readonly gaps: string;
  readonly constants: string;
  readonly market_wide: number;
  readonly updated_time: number;
};

/** A record, with the time at which the hub last wrote it, ms. */
export type StoredCascade = CascadeRecord & { readonly updated_time: number };

export interface CascadeFilter {
  readonly symbol: string | undefined;
  readonly state: string | undefined;
  readonly minUsd: number;
}

/** Cascades from this size on are so few that they are found by size rather than by time. */
const LARGE_USD = 10_000_000;

function indexFor({ symbol, minUsd }: CascadeFilter): string {
  if (symbol !== undefined) return "cascades_by_symbol";
  return minUsd >= LARGE_USD ? "cascades_by_usd" : "cascades_by_start";
}

/** Cascades that began within the range, newest first. */
export async function cascadePage(
  db: D1Database,
  filter: CascadeFilter,
  range: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<readonly StoredCascade[]> {
  const conditions: readonly (readonly [string, readonly (string | number)[]] | null)[] = [
    ["start_time >= ? AND start_time < ? AND usd >= ?", [range.start, range.end, filter.minUsd]],
    filter.symbol === undefined ? null : ["symbol = ?", [filter.symbol]],
    filter.state === undefined ? null : ["state = ?", [filter.state]],
    after === null ? null : ["(start_time, cascade_id) < (?, ?)", [after.time, after.name]],
  ];
  const used = conditions.filter((condition) => condition !== null);
  const { results } = await db
    .prepare(
      `SELECT * FROM cascades INDEXED BY ${indexFor(filter)} WHERE ${used.map(([text]) => text).join(" AND ")}
       ORDER BY start_time DESC, cascade_id DESC LIMIT ?`,
    )
    .bind(...used.flatMap(([, values]) => values), limit)
    .all<Row>();
  return results.map(fromRow);
}

function fromRow(row: Row): StoredCascade {
  return {
    ...row,
    exchanges: JSON.parse(row.exchanges) as CascadeRecord["exchanges"],
    market_wide: row.market_wide === 1,
    gaps: JSON.parse(row.gaps) as CascadeRecord["gaps"],
    constants: JSON.parse(row.constants) as CascadeRecord["constants"],
  };
}
