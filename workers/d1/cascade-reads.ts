import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";
import type { PositionSide } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type Condition, type ScannedRows, scanPage } from "./scan-page.ts";
import type { TimedPlace } from "./timed-place.ts";

type Row = Omit<CascadeRecord, "exchanges" | "gaps" | "adl_states" | "constants" | "market_wide"> & {
  readonly exchanges: string;
  readonly gaps: string;
  readonly adl_states: string | null;
  readonly constants: string;
  readonly market_wide: number;
  readonly updated_time: number;
  readonly estimate: string | null;
};

/** A record, with the time at which the hub last wrote it, ms. */
export type StoredCascade = CascadeRecord & { readonly updated_time: number };

export interface CascadeFilter {
  readonly symbol: string | undefined;
  readonly side: PositionSide | undefined;
  readonly state: string | undefined;
  readonly minUsd: number;
}

/** Cascades that began within the range, newest first. */
export async function cascadePage(
  db: D1Database,
  { symbol, side, state, minUsd }: CascadeFilter,
  { start, end }: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<ScannedRows<StoredCascade>> {
  const isFew = await isFewFrom(db, minUsd);
  const ofSymbol: readonly Condition[] = symbol === undefined ? [] : [["symbol = ?", [symbol]]];
  const ofSide: readonly Condition[] = side === undefined ? [] : [["position_side = ?", [side]]];
  const inRange: Condition = ["start_time >= ? AND start_time < ?", [start, end]];
  const large: Condition = ["usd >= ?", [minUsd]];
  const { rows, stoppedAt } = await scanPage<Row>(db, {
    columns: ["*"],
    from: `cascades INDEXED BY ${isFew ? "cascades_by_usd" : symbol === undefined ? "cascades_by_start" : "cascades_by_symbol"}`,
    key: ["start_time", "cascade_id"],
    order: "desc",
    within: isFew ? [large, inRange] : [...ofSymbol, inRange],
    filters: [...(isFew ? ofSymbol : [large]), ...ofSide, ...(state === undefined ? [] : [["state = ?", [state]] as const])],
    after: after === null ? null : [after.time, after.name],
    limit,
  });
  return { rows: rows.map(fromRow), stoppedAt };
}

/** The cascade with this id; null where there is none. */
export async function storedCascade(db: D1Database, id: string): Promise<StoredCascade | null> {
  const row = await db.prepare("SELECT * FROM cascades WHERE cascade_id = ?").bind(id).first<Row>();
  return row === null ? null : fromRow(row);
}

/** Cascades of a size that so few reach are found by size rather than by time. */
const FEW = 300;

async function isFewFrom(db: D1Database, minUsd: number): Promise<boolean> {
  const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM cascades INDEXED BY cascades_by_usd WHERE usd >= ?1 LIMIT ${FEW + 1})`;
  return ((await db.prepare(sql).bind(minUsd).first<number>("n")) ?? 0) <= FEW;
}

/** Without the estimate, see `cascadeEstimate`. */
function fromRow({ estimate: _estimate, ...row }: Row): StoredCascade {
  return {
    ...row,
    exchanges: JSON.parse(row.exchanges) as CascadeRecord["exchanges"],
    market_wide: row.market_wide === 1,
    gaps: JSON.parse(row.gaps) as CascadeRecord["gaps"],
    adl_states: row.adl_states === null ? null : (JSON.parse(row.adl_states) as CascadeRecord["adl_states"]),
    constants: JSON.parse(row.constants) as CascadeRecord["constants"],
  };
}
