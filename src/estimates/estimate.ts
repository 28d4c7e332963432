import type { ExchangeName, PositionSide } from "../liquidation.ts";

/**
 * `validated`: the model passed its test on a complete venue that it was not fitted on. `experimental`: no such test was possible, or
 * it had too little data. `withheld`: there is no number, and `reason` says why.
 */
export const ESTIMATE_STATUSES = ["validated", "experimental", "withheld"] as const;
export type EstimateStatus = (typeof ESTIMATE_STATUSES)[number];

/** How the total of a venue is estimated. The number is the version: raise it whenever the same events give another estimate. */
export const ESTIMATE_METHODS = {
  /** The venue publishes every liquidation: the estimate is what it reported. */
  complete: "complete.v1",
  largest_per_second: "largest_per_second.v1",
  largest_per_side_second: "largest_per_side_second.v1",
  /** At most one a second: what is hidden follows from the rate of the complete venues. */
  one_per_second: "one_per_second.v1",
  /** The venue does not state what share it publishes: it counts with what it reported, which is a floor. */
  reported_only: "reported_only.v1",
  /** Nothing to estimate: no venue reported anything. */
  none: "none",
} as const;

/** What a venue, or several, reported over a time, and what all its liquidations probably came to. USD is flow USD. */
export interface Estimate {
  readonly reported_usd: number;
  /** Null where withheld, like the bounds and `estimated_events`. Never below `reported_usd`. */
  readonly estimated_usd: number | null;
  /**
   * The interval that is to hold the true total of a minute, venue, base asset and side in 80 % of such minutes. Bounds are added where
   * estimates are; the sums of a contract and side over hours and days are part of the test, and have to hold the truth in 75 % of them.
   */
  readonly low_usd: number | null;
  readonly high_usd: number | null;
  readonly reported_events: number;
  /** An expectation, so not a whole number. */
  readonly estimated_events: number | null;
  /** One of `ESTIMATE_METHODS`; those of a sum are joined by "+". */
  readonly method: string;
  readonly status: EstimateStatus;
  /** Why it is withheld or experimental; null where validated. */
  readonly reason: string | null;
}

export interface VenueSideEstimate extends Estimate {
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
}

/** In each reason that is a gap of a venue. */
export const GAP_WORDS = "has a gap";

const WORST_FIRST: readonly EstimateStatus[] = ["withheld", "experimental", "validated"];

/**
 * Adds estimates of different venues, sides, base assets or times. A sum is withheld as soon as one part is: without that part it
 * would be too low and not say so. Its status is the worst of its parts', its reason those of the parts with that status. Without
 * parts it is zero: a venue whose throttle shows at least one liquidation of each second hides nothing while it reports nothing.
 */
export function sumEstimates(parts: readonly Estimate[]): Estimate {
  const status = WORST_FIRST.find((one) => parts.some((part) => part.status === one)) ?? "validated";
  const isWithheld = status === "withheld";
  const sum = (name: "reported_usd" | "estimated_usd" | "low_usd" | "high_usd" | "reported_events" | "estimated_events") =>
    parts.reduce((total, { [name]: value }) => total + (value ?? 0), 0);
  const known = (name: "estimated_usd" | "low_usd" | "high_usd" | "estimated_events") => (isWithheld ? null : sum(name));
  return {
    reported_usd: sum("reported_usd"),
    estimated_usd: known("estimated_usd"),
    low_usd: known("low_usd"),
    high_usd: known("high_usd"),
    reported_events: sum("reported_events"),
    estimated_events: known("estimated_events"),
    method: methodsOf(parts),
    status,
    reason: status === "validated" ? null : reasonsOf(parts.filter((part) => part.status === status)),
  };
}

function methodsOf(parts: readonly Estimate[]): string {
  const methods = new Set(parts.flatMap(({ method }) => (method === ESTIMATE_METHODS.none ? [] : method.split("+"))));
  return methods.size === 0 ? ESTIMATE_METHODS.none : [...methods].toSorted().join("+");
}

/** More reasons than a reader takes in. */
const MAX_REASONS = 3;

function reasonsOf(parts: readonly Estimate[]): string | null {
  const reasons = [...new Set(parts.flatMap(({ reason }) => (reason === null ? [] : reason.split("; "))))];
  const more = reasons.length - MAX_REASONS;
  return reasons.length === 0 ? null : [...reasons.slice(0, MAX_REASONS), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** What a venue reported, without a number for the rest. */
export function withheld(reported: Pick<Estimate, "reported_usd" | "reported_events">, method: string, reason: string): Estimate {
  return {
    reported_usd: reported.reported_usd,
    estimated_usd: null,
    low_usd: null,
    high_usd: null,
    reported_events: reported.reported_events,
    estimated_events: null,
    method,
    status: "withheld",
    reason,
  };
}
