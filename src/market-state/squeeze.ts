/** What a venue says about who is crowded. */
export interface VenueCrowding {
  readonly funding_rate: number | null;
  readonly funding_interval_hours: number | null;
  readonly funding_percentile: number | null;
  readonly open_interest_usd: number | null;
  readonly open_interest_percentile: number | null;
  readonly basis_bps: number | null;
}

/** Which side is crowded; the measurements are means over the venues that know them, weighted by open interest. */
export interface Squeeze {
  /** Null where a measurement is unknown. */
  readonly reading: "long_crowded" | "short_crowded" | "none" | null;
  /** Bps for 8 h. */
  readonly funding_8h_bps: number | null;
  readonly funding_percentile: number | null;
  readonly open_interest_percentile: number | null;
  readonly basis_bps: number | null;
}

/** Funding that is at least as far from usual as in one hour of ten. */
const HIGH_FUNDING = 0.9;
const LOW_FUNDING = 0.1;
/** Open interest as high as in one hour of five. */
const HIGH_INTEREST = 0.8;

export const UNKNOWN_SQUEEZE: Squeeze = {
  reading: null,
  funding_8h_bps: null,
  funding_percentile: null,
  open_interest_percentile: null,
  basis_bps: null,
};

/**
 * A side is crowded where it pays for an unusually large position: funding has its sign and is in the outer tenth of the hours of
 * 7 days, open interest is in the highest fifth, and the mark is on its side of the index. It describes; nothing shows that a
 * squeeze follows.
 */
export function squeezeOf(venues: readonly VenueCrowding[]): Squeeze {
  const weighted = (of: (venue: VenueCrowding) => number | null) => {
    let [sum, weight] = [0, 0];
    for (const venue of venues) {
      const [value, interest] = [of(venue), venue.open_interest_usd ?? 0];
      if (value === null || interest <= 0) continue;
      sum += value * interest;
      weight += interest;
    }
    return weight > 0 ? sum / weight : null;
  };
  const measured = {
    funding_8h_bps: weighted(({ funding_rate: rate, funding_interval_hours: hours }) =>
      rate === null || hours === null ? null : (8e4 * rate) / hours,
    ),
    funding_percentile: weighted((venue) => venue.funding_percentile),
    open_interest_percentile: weighted((venue) => venue.open_interest_percentile),
    basis_bps: weighted((venue) => venue.basis_bps),
  };
  return { reading: readingOf(measured), ...measured };
}

function readingOf({
  funding_8h_bps: funding,
  funding_percentile: rank,
  open_interest_percentile: interest,
  basis_bps: basis,
}: Omit<Squeeze, "reading">): Squeeze["reading"] {
  if (funding === null || rank === null || interest === null || basis === null) return null;
  if (interest < HIGH_INTEREST) return "none";
  if (funding > 0 && rank >= HIGH_FUNDING && basis > 0) return "long_crowded";
  return funding < 0 && rank <= LOW_FUNDING && basis < 0 ? "short_crowded" : "none";
}
