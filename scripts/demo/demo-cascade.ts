import type { CascadeScript } from "../simulator/cascade-script.ts";

/** The cascade the demo plays once all feeds are live and have seen prices for a while: ETH longs, Bybit first, OKX 2.4 s and Binance 5 s behind, the price down 2.5 % in 40 s. */
export const DEMO_CASCADE: CascadeScript = {
  startAfterMs: 95_000,
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
