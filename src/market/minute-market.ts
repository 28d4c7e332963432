import type { MinuteMarket } from "../minute-mark.ts";
import { type MarketSession, knownMarket, knownTouch } from "./known-market.ts";

const HOUR_MS = 3_600_000;
const MINUTES_PER_DAY = 1_440;

/**
 * The market of a contract as known now, by the freshness rules of `knownMarket`. The traded volume of a minute is a
 * 1,440th of the turnover of 24 hours, which is all that venues give.
 */
export function minuteMarketNow(contexts: readonly MarketSession[], instrument: string, receivedTime: number): MinuteMarket {
  const known = knownMarket(contexts, instrument, receivedTime);
  const touch = knownTouch(known);
  return {
    spread_bps: touch === null ? null : (2e4 * (touch.ask - touch.bid)) / (touch.ask + touch.bid),
    volume_usd: known.turnover === null ? null : known.turnover.value / MINUTES_PER_DAY,
    funding_rate: known.funding?.value ?? null,
    funding_interval_hours: known.fundingInterval === null ? null : known.fundingInterval.value / HOUR_MS,
    index_price: known.index?.value ?? null,
    // A contract that stands for its venue is quoted in USDT.
    open_interest_usd: known.openInterest === null || known.mark === null ? null : known.openInterest.value * known.mark.value,
  };
}
