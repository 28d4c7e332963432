/** The kinds of market data that are requested over REST where a venue's streams lack them. */
export const POLLED_KINDS = ["open_interest", "book", "turnover", "funding_interval"] as const;
export type PolledKind = (typeof POLLED_KINDS)[number];
