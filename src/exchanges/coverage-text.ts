import type { Coverage } from "../liquidation.ts";

const TEXTS: Readonly<Record<Coverage, string>> = {
  all_reported: "all liquidations, by the venue's own word",
  largest_per_second: "at most the largest order per symbol and second, so a floor",
  sampled: "a sample, so a floor",
  inferred: "estimated from trades, not reported by the venue",
  none: "publishes no liquidations, so nothing (not zero)",
};

/** What each venue's feed carries, in words: `bybit, bitfinex: all liquidations …; okx: a sample …`. */
export function coverageText(coverage: Readonly<Partial<Record<string, Coverage>>>): string {
  const venues = Object.entries(coverage).flatMap(([venue, kind]) => (kind === undefined ? [] : [{ venue, kind }]));
  return [...Map.groupBy(venues, ({ kind }) => kind)]
    .map(([kind, group]) => `${group.map(({ venue }) => venue).join(", ")}: ${TEXTS[kind]}`)
    .join("; ");
}
