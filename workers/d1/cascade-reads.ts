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

/** Cascades that began within the range, newest first. */
export async function cascadePage(
  db: D1Database,
  filter: CascadeFilter,
  range: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<readonly StoredCascade[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM cascades
       WHERE start_time >= ?1 AND start_time < ?2 AND usd >= ?3 AND (?4 IS NULL OR symbol = ?4) AND (?5 IS NULL OR state = ?5)
         AND (?6 IS NULL OR (start_time, cascade_id) < (?6, ?7))
       ORDER BY start_time DESC, cascade_id DESC LIMIT ?8`,
    )
    .bind(
      range.start,
      range.end,
      filter.minUsd,
      filter.symbol ?? null,
      filter.state ?? null,
      after?.time ?? null,
      after?.name ?? null,
      limit,
    )
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
