import type { ComparedEvent, ComparedPart } from "../../src/cascade/venue-bursts.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import { layeredRange } from "../../src/windows/layered-range.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { addTotals } from "../../src/windows/totals.ts";
import { rowsOf } from "./rows-of.ts";
import { type BurstBlock, blockBursts, burstsOf } from "./total-blocks.ts";

/** Events of the minutes at the edges of a range, without inferred ones, which no total includes. */
const EVENTS = `
  SELECT exchange, position_side, event_time, usd_value, notional_mark_usd, concurrent_exchanges FROM liquidations
  WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3 AND coverage <> 'inferred'`;

/**
 * What is compared of the venues over a range: the events of the partial minutes at its edges, and of everything between them
 * the blocks of minutes and hours, which hold the first and last event of every ten seconds. It comes out as if every event had
 * been read, and costs some hundred rows a day.
 */
export async function readComparedParts(
  db: D1Database,
  symbol: string,
  { start, end }: TimeRange,
): Promise<readonly (ComparedEvent | ComparedPart)[]> {
  const whole = {
    start: Math.min(ceilTo(start, MINUTE_MS), end),
    end: Math.max(floorTo(end, MINUTE_MS), Math.min(ceilTo(start, MINUTE_MS), end)),
  };
  const [before, after, blocks] = await db.batch([
    db.prepare(EVENTS).bind(symbol, start, whole.start),
    db.prepare(EVENTS).bind(symbol, whole.end, end),
    blockBursts(db, layeredRange(whole, "hour")),
  ]);
  const edges = [...rowsOf<ComparedEvent>(before), ...rowsOf<ComparedEvent>(after)];
  const summed = burstsOf(rowsOf<{ exchange: ExchangeName; totals: string; bursts: string | null }>(blocks), symbol);
  return [...edges, ...summed.flatMap(partsOf)];
}

function partsOf({ exchange, entries, bursts }: BurstBlock): readonly ComparedPart[] {
  const concurrent: number[] = [];
  for (const burst of bursts)
    for (const [index, events] of burst.concurrent.entries()) concurrent[index] = (concurrent[index] ?? 0) + events;
  const spans = bursts.flatMap(({ position_side, slots }) => slots.map(([first, last]) => ({ exchange, position_side, first, last })));
  return entries.length === 0 ? [] : [{ exchange, totals: addTotals(entries), spans, concurrent }];
}
