import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { DAY_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { BIN_MS, BLOCK_BINS } from "./event-grid.ts";

const BLOCK_MS = BIN_MS * BLOCK_BINS;

/** The blocks of a window in which a venue was connected throughout, as 1. */
export function coveredBlocks(
  exchange: ExchangeName,
  gaps: readonly Gap[],
  days: ReadonlySet<number>,
  { start, end }: TimeRange,
): Uint8Array {
  // A venue without any event of any base asset in a day was not collected, or sent nothing: nobody knows which.
  const blocks = Uint8Array.from({ length: (end - start) / BLOCK_MS }, (_, block) =>
    days.has(start + Math.floor((block * BLOCK_MS) / DAY_MS) * DAY_MS) ? 1 : 0,
  );
  for (const gap of gaps) {
    if (gap.exchange !== exchange) continue;
    const first = Math.max(0, Math.floor((gap.from_time - start) / BLOCK_MS));
    const last = Math.min(blocks.length, Math.ceil(((gap.to_time ?? end) - start) / BLOCK_MS));
    if (last > first) blocks.fill(0, first, last);
  }
  return blocks;
}

/** The blocks in which all are covered. */
export function coveredByAll(venues: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(venues[0] ?? [], (_, block) => (venues.every((one) => one[block] === 1) ? 1 : 0));
}

export function shareOf(blocks: Uint8Array): number {
  return blocks.length === 0 ? 0 : blocks.reduce((sum, one) => sum + one, 0) / blocks.length;
}
