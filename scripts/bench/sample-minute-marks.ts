import type { Liquidation } from "../../src/liquidation.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";

/** The market of a quiet hour, orders of magnitude of BTC. */
const MARKET = {
  samples: 60,
  spread_bps: 0.2,
  volume_usd: 6_000_000,
  funding_rate: 0.0001,
  funding_interval_hours: 8,
  index_price: null,
  open_interest_usd: 7_000_000_000,
};

/**
 * Minute marks of every venue and base asset of liquidations, of all minutes of a range that begins on one, from the marks that
 * they carried: a minute without one has the price before it.
 * @param rows ordered by time
 */
export function sampleMinuteMarks(rows: readonly Liquidation[], range: TimeRange): readonly MinuteMark[] {
  const series = Map.groupBy(rows, ({ exchange, symbol }) => `${exchange} ${symbol}`);
  return [...series.values()].flatMap((own) => seriesMarks(own, range)).toSorted((a, b) => a.minute - b.minute);
}

function seriesMarks(rows: readonly Liquidation[], { start, end }: TimeRange): readonly MinuteMark[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { symbol, exchange } = first;
  const minutes = Map.groupBy(rows, ({ event_time: time }) => floorTo(time, MINUTE_MS));
  const marks: MinuteMark[] = [];
  let close = first.mark_price ?? 1;
  for (let minute = start; minute < end; minute += MINUTE_MS) {
    const prices = [close, ...(minutes.get(minute) ?? []).map(({ mark_price: price }) => price ?? close)];
    const open = close;
    close = prices.at(-1) ?? close;
    marks.push({ minute, symbol, exchange, open, high: Math.max(...prices), low: Math.min(...prices), close, ...MARKET });
  }
  return marks;
}
