import type { Contagion, ContagionEffect } from "../../api/schema.ts";

/** `0.21 (0.18–0.24)`: an estimate with its interval; null without one. */
export function ratioText({ ratio, ratio_low: low, ratio_high: high }: ContagionEffect): string | null {
  return ratio === null || low === null || high === null ? null : `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** What BTC triggers, as a sentence; null where nothing can be said of it. */
export function leaderText({ symbol, from_btc: effect }: Contagion): string | null {
  if (effect === null) return null;
  const ratio = ratioText(effect);
  if (ratio === null) return `No effect of BTC on ${symbol} beyond chance was found.`;
  return `A liquidation of BTC directly triggers ${ratio} of ${symbol}, after ${(effect.delay_s ?? 0).toFixed(1)} s on average.`;
}

/** `p 0.006`, or that it is smaller than is shown. */
export function chanceText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p ${p.toFixed(3)}`;
}
