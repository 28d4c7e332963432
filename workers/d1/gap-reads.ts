import type { Gap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsOf } from "./rows-of.ts";

/** A venue that reconnects every minute for weeks must not make an answer of many megabytes. */
const MAX_GAPS = 1_000;

const OVERLAPPING = `
  SELECT exchange, from_time, to_time, reason FROM gaps
  WHERE exchange IN (SELECT value FROM json_each(?1)) AND from_time < ?3 AND (to_time IS NULL OR to_time > ?2)
  ORDER BY from_time DESC, exchange LIMIT ${MAX_GAPS + 1}`;

export interface GapsInRange {
  /** By start, oldest first; a gap that reaches out of the range is given whole. */
  readonly gaps: readonly Gap[];
  /** True where the oldest ones are left out because there are too many. */
  readonly truncated: boolean;
}

/** The statement for the gaps of these venues that overlap a range; read its rows with `gapsOf`. */
export function gapsInRange(db: D1Database, exchanges: readonly ExchangeName[], range: TimeRange): D1PreparedStatement {
  return db.prepare(OVERLAPPING).bind(JSON.stringify(exchanges), range.start, range.end);
}

export function gapsOf(result: D1Result | undefined): GapsInRange {
  const rows = rowsOf<Gap>(result);
  return { gaps: rows.slice(0, MAX_GAPS).toReversed(), truncated: rows.length > MAX_GAPS };
}
