import { type ContractGap, type Gap, type SymbolGap, isContractGap, isSymbolGap } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { IS_LONG, LONG_GAP_MS } from "./long-gaps.ts";
import type { TimedPlace } from "./timed-place.ts";

function part(source: string, when: string): string {
  return `
    SELECT * FROM (
      SELECT exchange, from_time, to_time, reason, contract FROM ${source}
      WHERE ${when} AND (?7 IS NULL OR reason = ?7) AND (?4 IS NULL OR (from_time, exchange || ' ' || contract) < (?4, ?5))
      ORDER BY from_time DESC, exchange DESC, contract DESC LIMIT ?6)`;
}

/**
 * As the gaps of venues are read, see gap-reads.ts: ?1 is a venue, or several as JSON, ?2 the start, ?3 the end, ?4 and ?5 the
 * place of the page before, ?6 the limit, ?7 the reason. A name is in the order of the venue and then of the contract.
 */
function page(byStart: string, found: string, checked: string): string {
  const parts = [
    part(byStart, `${found} AND from_time >= ?2 AND from_time < ?3`),
    part(byStart, `${found} AND from_time >= ?2 - ${LONG_GAP_MS} AND from_time < min(?2, ?3) AND to_time > ?2`),
    part(
      "contract_gaps INDEXED BY long_contract_gaps",
      `${IS_LONG} AND to_time > ?2 AND from_time < min(?2 - ${LONG_GAP_MS}, ?3) AND ${checked}`,
    ),
    part("contract_gaps INDEXED BY contract_gaps_by_end", `to_time IS NULL AND from_time < min(?2, ?3) AND ${checked}`),
  ];
  return parts.join(" UNION ALL ");
}

const IN_LIST = "+exchange IN (SELECT value FROM json_each(?1))";
const OF_VENUES = page("contract_gaps INDEXED BY contract_gaps_by_start", IN_LIST, IN_LIST);
const OF_VENUE = page("contract_gaps INDEXED BY contract_gaps_by_venue", "exchange = ?1", "+exchange = ?1");

/** A row: with the reason `suspect`, its contract is the name of a base asset. */
type Row = Omit<ContractGap, "reason"> & { readonly reason: "not_subscribed" | "suspect" };

/** The place of a gap among those that began at the same time: those of a venue's contracts and assets before the venue's own. */
export function gapName(gap: Gap): string {
  if (isContractGap(gap)) return `${gap.exchange} ${gap.contract}`;
  return isSymbolGap(gap) ? `${gap.exchange} ${gap.symbol}` : gap.exchange;
}

/** Gaps of single contracts and of single base assets of these venues that overlap the range, newest first, starting after `after`. */
export async function contractGapPage(
  db: D1Database,
  { exchanges, reason }: { readonly exchanges: readonly ExchangeName[]; readonly reason: Row["reason"] | null },
  { start, end }: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<readonly (ContractGap | SymbolGap)[]> {
  const [only] = exchanges;
  const isOne = exchanges.length === 1 && only !== undefined;
  const until = after === null ? end : Math.min(end, after.time + 1);
  const values = [isOne ? only : JSON.stringify(exchanges), start, until, after?.time ?? null, after?.name ?? null, limit, reason];
  const bound = db.prepare(isOne ? OF_VENUE : OF_VENUES).bind(...values);
  const { results } = await bound.all<Row>();
  return results
    .map(gapOf)
    .toSorted((a, b) => b.from_time - a.from_time || (gapName(a) < gapName(b) ? 1 : -1))
    .slice(0, limit);
}

function gapOf({ contract, reason, ...gap }: Row): ContractGap | SymbolGap {
  return reason === "suspect" ? { ...gap, reason, symbol: contract } : { ...gap, reason, contract };
}
