import type { Coverage } from "../../../../src/liquidation.ts";

/** What a venue reports of its liquidations; unknown where the answer does not say. */
export function venueKind(coverage: Readonly<Partial<Record<string, Coverage>>>, exchange: string): Coverage {
  return coverage[exchange] ?? "unknown";
}
