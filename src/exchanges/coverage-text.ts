import type { Coverage } from "../liquidation.ts";

/** What a kind of coverage carries, in words. */
export const COVERAGE_TEXT: Readonly<Record<Coverage, string>> = {
  all_reported: "all liquidations",
  largest_per_second: "at most the largest order per symbol and second, a lower bound",
  largest_per_side_second: "the largest per symbol, side and second, a lower bound",
  sampled: "a sample, a lower bound",
  unknown: "an unstated share",
  inferred: "estimated from trades, not reported by the venue",
  none: "no liquidations (unknown, not zero)",
};

/** The coverage of each venue's feed in words: `bybit, bitfinex: all liquidations …; okx: a sample …`. */
export function coverageText(coverage: Readonly<Partial<Record<string, Coverage>>>): string {
  const venues = Object.entries(coverage).flatMap(([venue, kind]) => (kind === undefined ? [] : [{ venue, kind }]));
  return [...Map.groupBy(venues, ({ kind }) => kind)]
    .map(([kind, group]) => `${group.map(({ venue }) => venue).join(", ")}: ${COVERAGE_TEXT[kind]}`)
    .join("; ");
}
