import { coverageOf } from "../../exchanges/coverage.ts";
import { EXCHANGES } from "../../liquidation-fields.ts";
import type { Coverage, ExchangeName } from "../../liquidation.ts";

/** What a sum over venues covers, in a word, beside how many report only a part. */
const WORDS: Readonly<Record<Coverage, string>> = {
  all_reported: "all reported",
  largest_per_second: "lower bound",
  largest_per_side_second: "lower bound",
  sampled: "lower bound",
  unknown: "unknown share",
  inferred: "estimated",
  none: "none",
};

/** The coverage of one kind of feed in a word. */
export function coverageWord(kind: unknown): string | null {
  return typeof kind === "string" && Object.hasOwn(WORDS, kind) ? WORDS[kind as Coverage] : null;
}

/** The coverage of a venue's feed in a word. */
export function venueCoverage(exchange: unknown): string | null {
  const [venue] = venuesOf([exchange]);
  return venue === undefined ? null : coverageWord(coverageOf({ LIQUIDATION_EXCHANGES: [venue] })[venue]);
}

/**
 * The coverage of a sum over venues in a word: `all reported`; `lower bound`, where one of them publishes a part; and
 * `incomplete`, where one was not connected.
 * @param present venues with liquidations in the sum
 * @param missing venues that were not connected for a part of it
 */
export function sumCoverage(present: unknown, missing: unknown): string | null {
  const gone = venuesOf(missing);
  if (gone.length > 0) return `incomplete: no connection to ${gone.join(", ")}`;
  const venues = venuesOf(present);
  if (venues.length === 0) return null;
  const words = new Set(Object.values(coverageOf({ LIQUIDATION_EXCHANGES: venues })).map((kind) => WORDS[kind]));
  return words.size === 1 && words.has("all reported") ? "all reported" : "lower bound";
}

/** The venues of a list of names, or of gaps. */
function venuesOf(value: unknown): readonly ExchangeName[] {
  if (!Array.isArray(value)) return [];
  const names = new Set(value.map((entry: unknown) => (isGap(entry) ? entry.exchange : entry)));
  return EXCHANGES.filter((name) => names.has(name));
}

function isGap(value: unknown): value is { readonly exchange: unknown } {
  return typeof value === "object" && value !== null && "exchange" in value;
}
