import { type ContractGap, type Gap, isContractGap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { TimedPlace } from "./timed-place.ts";

const PAGE = `
  SELECT exchange, from_time, to_time, 'not_subscribed' AS reason, contract FROM contract_gaps
  WHERE exchange IN (SELECT value FROM json_each(?1)) AND from_time < ?3 AND (to_time IS NULL OR to_time > ?2)
    AND (?4 IS NULL OR (from_time, exchange || ' ' || contract) < (?4, ?5))
  ORDER BY from_time DESC, exchange || ' ' || contract DESC LIMIT ?6`;

/** The place of a gap among those that began at the same time: those of a venue's contracts before the venue's own. */
export function gapName(gap: Gap): string {
  return isContractGap(gap) ? `${gap.exchange} ${gap.contract}` : gap.exchange;
}

/** Gaps of single contracts of these venues that overlap the range, newest first, starting after `after`. */
export async function contractGapPage(
  db: D1Database,
  exchanges: readonly ExchangeName[],
  { start, end }: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<readonly ContractGap[]> {
  const bound = db.prepare(PAGE).bind(JSON.stringify(exchanges), start, end, after?.time ?? null, after?.name ?? null, limit);
  return (await bound.all<ContractGap>()).results;
}
