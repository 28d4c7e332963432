/** A rule to start from. */
export interface ExampleRule {
  readonly name: string;
  readonly rule: string;
  readonly description: string;
}

/** Examples for the documentation, the API and the dashboard. */
export const EXAMPLE_RULES: readonly ExampleRule[] = [
  {
    name: "One large liquidation",
    rule: "usd_value >= 250_000 cooldown 1m",
    description: "A single liquidation of at least 250,000 USD on any venue.",
  },
  {
    name: "Longs over their 99th percentile",
    rule: "long_usd_5m > p99(long_usd_5m, 7d) and long_usd_5m > 100_000 and spread_bps < 5 for 30s cooldown 15m",
    description: "The longs of 5 minutes are above the 99th percentile of the last 7 days while the spread is still tight.",
  },
  {
    name: "Cascade started",
    rule: "long_cascade = 1 or short_cascade = 1",
    description: "A cascade of either side runs.",
  },
  {
    name: "Venue silent",
    rule: "silent_s > 120 cooldown 1h",
    description: "A collected venue has not been connected for two minutes.",
  },
  {
    name: "A cascade would reach my price",
    rule: "long_cascade_reach <= 58_000 * 1.02",
    description: "A cascade as large as the largest of the last 24 h would bring the price within 2 % of 58,000.",
  },
];
