import { MINUTE_MS, SECOND_MS, ceilTo } from "../../src/windows/calendar.ts";
import type { CascadeScript } from "../simulator/cascade-script.ts";

/** What the cascade, its decision and its deliveries take from the market's beginning. */
export const CASCADE_MINUTES = 3;
/** Others are liquidated for a while before. */
const MIN_WAIT_MS = 40 * SECOND_MS;
/**
 * The minute's run reads flow up to 5 s ago but marks of whole minutes only: a cascade that begins just before a full minute
 * has moved the mark of that minute, and by the end of the next the run sees both its flow and its push.
 */
const BEFORE_MINUTE_MS = 15 * SECOND_MS;

/** The cascade of the demo: ETH longs, Bybit first, OKX 2.4 s and Binance 5 s behind, the price down 2.5 % in 40 s. */
export function demoCascade(now: number): CascadeScript {
  return {
    startAfterMs: ceilTo(now + MIN_WAIT_MS + BEFORE_MINUTE_MS, MINUTE_MS) - BEFORE_MINUTE_MS - now,
    symbol: "ETH",
    side: "long",
    venues: [
      { exchange: "bybit", delayMs: 0 },
      { exchange: "okx", delayMs: 2_400 },
      { exchange: "binance", delayMs: 5_000 },
    ],
    usd: 12_000_000,
    durationMs: 40_000,
    movePct: 2.5,
    eventsPerVenue: 120,
  };
}
