import type { ExchangeName } from "../../src/liquidation.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../src/minute-mark.ts";
import { MINUTE_MS, SECOND_MS, floorTo } from "../../src/windows/calendar.ts";
import { weekFactor } from "./market-model.ts";
import type { SimulatedMarket } from "./simulate-market.ts";

/** Venue whose marks stand for the market's. */
const REFERENCE: ExchangeName = "bybit";
/** Spread of a calm book: one tick of BTC; it widens by this share of the standard deviation of the minute's return. */
const SPREAD = { tickBps: 0.012, volatilityShare: 0.01 };
/** Traded USD of an ordinary minute, and beside each liquidated USD, by those who answer to it. */
const VOLUME = { minuteUsd: 6_000_000, perLiquidatedUsd: 4 };
/** Interest alone, as on most days, paid every eight hours. */
const FUNDING = { funding_rate: 1e-4, funding_interval_hours: 8 };

/**
 * The mark prices of each minute with its spread, volume and funding, so that a trade has a cost: the spread widens with the
 * volatility of the minute, and volume follows volatility, the hour of the week and the liquidations. Orders of magnitude of
 * BTC, set by hand.
 */
export function marketMinuteMarks(market: SimulatedMarket): readonly MinuteMark[] {
  const { marks, startTime, model } = market;
  const liquidated = liquidatedByMinute(market);
  const size = MINUTE_MS / SECOND_MS;
  return Array.from({ length: Math.floor(marks.length / size) }, (_, index) => {
    const own = marks.subarray(index * size, (index + 1) * size);
    const minute = startTime + index * MINUTE_MS;
    const volatility = secondVolatility(own);
    const activity = volatility / model.secondVolatility;
    return {
      minute,
      symbol: model.symbol,
      open: own[0] ?? 0,
      high: Math.max(...own),
      low: Math.min(...own),
      close: own.at(-1) ?? 0,
      exchange: REFERENCE,
      samples: own.length,
      ...UNKNOWN_MINUTE_MARKET,
      spread_bps: SPREAD.tickBps + SPREAD.volatilityShare * 1e4 * volatility * Math.sqrt(size),
      volume_usd: VOLUME.minuteUsd * weekFactor(minute) * activity + VOLUME.perLiquidatedUsd * (liquidated.get(minute) ?? 0),
      ...FUNDING,
    };
  });
}

function liquidatedByMinute({ events }: SimulatedMarket): ReadonlyMap<number, number> {
  const usd = new Map<number, number>();
  for (const event of events) {
    const minute = floorTo(event.time, MINUTE_MS);
    usd.set(minute, (usd.get(minute) ?? 0) + event.usd);
  }
  return usd;
}

/** Standard deviation of a one-second return, with a mean of zero. */
function secondVolatility(prices: Float64Array): number {
  let squares = 0;
  for (let second = 1; second < prices.length; second += 1) squares += Math.log((prices[second] ?? 1) / (prices[second - 1] ?? 1)) ** 2;
  return Math.sqrt(squares / (prices.length - 1));
}
