import type { Gap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import { MINUTE_MS, SECOND_MS, ceilTo, floorTo } from "../../../src/windows/calendar.ts";
import { type MarkAt, impactAfter } from "../../../src/cascade/impact.ts";
import type { ImpactFields, Liquidation } from "../../../src/liquidation.ts";
import { assetOf } from "../../simulator/assets.ts";
import type { Quote } from "../../simulator/market.ts";
import { type PlayedMarket, STEP_MS } from "./play-market.ts";

/** Venues with marks of every minute: two, so that a gap of one does not leave decisions without a price. */
const MARKED: readonly ExchangeName[] = ["binance", "bybit"];
/** Live venues send a mark each second. */
const SAMPLES = MINUTE_MS / SECOND_MS;
const MINUTES_PER_DAY = 1_440;
const FUNDING_INTERVAL_HOURS = 8;
/** The reach of an impact on both sides of its liquidation, ms. */
const IMPACT_MS = { before: 15_000, after: 65_000 } as const;

/** The minute marks of a played market, with spread, volume and funding as the live venues have them; none in a venue's gaps. */
export function historyMarks(market: PlayedMarket, gaps: readonly Gap[]): readonly MinuteMark[] {
  const { startTime, endTime, quotes, marks } = market;
  const rows: MinuteMark[] = [];
  for (const exchange of MARKED) {
    const own = gaps.filter((gap) => gap.exchange === exchange);
    for (let minute = ceilTo(startTime, MINUTE_MS); minute + MINUTE_MS <= endTime; minute += MINUTE_MS) {
      if (own.some(({ from_time, to_time }) => from_time <= minute && (to_time ?? endTime) >= minute + MINUTE_MS)) continue;
      for (const [symbol, path] of marks) {
        const quote = quotes.get(symbol);
        if (quote !== undefined) rows.push(minuteMark(exchange, symbol, minute, path, startTime, quote));
      }
    }
  }
  return rows.toSorted((a, b) => a.minute - b.minute);
}

function minuteMark(
  exchange: ExchangeName,
  symbol: string,
  minute: number,
  path: Float64Array,
  startTime: number,
  { turnover, fundingRate, openInterest, index, mark }: Quote,
): MinuteMark {
  // Step n ends at the start plus n + 1 steps.
  const from = Math.max(0, Math.ceil((minute - startTime) / STEP_MS) - 1);
  const own = path.subarray(from, from + MINUTE_MS / STEP_MS);
  const close = own.at(-1) ?? 0;
  return {
    minute,
    symbol,
    exchange,
    open: own[0] ?? 0,
    high: Math.max(...own),
    low: Math.min(...own),
    close,
    samples: SAMPLES,
    spread_bps: (1e4 * assetOf(symbol).tick) / close,
    volume_usd: turnover / MINUTES_PER_DAY,
    funding_rate: fundingRate,
    funding_interval_hours: FUNDING_INTERVAL_HOURS,
    index_price: (close * index) / mark,
    open_interest_usd: openInterest * close,
  };
}

/** The impact of a liquidation on the mark price, as far as the market was played. */
export function historyImpact({ startTime, endTime, marks }: PlayedMarket, row: Liquidation): ImpactFields {
  const path = marks.get(row.symbol);
  const first = Math.max(0, floorTo(row.event_time - IMPACT_MS.before - startTime, STEP_MS) / STEP_MS);
  const until = row.event_time + IMPACT_MS.after;
  if (path === undefined || until > endTime) return { impact_1s_bps: null, impact_5s_bps: null, impact_60s_bps: null };
  const around: MarkAt[] = [];
  for (let step = first; startTime + (step + 1) * STEP_MS <= until; step += 1) {
    around.push({ time: startTime + (step + 1) * STEP_MS, price: path[step] ?? 0 });
  }
  return impactAfter(around, row.event_time, row.position_side);
}
