import type { LaggedCorrelation, MarketState } from "../../api/schema.ts";

const READINGS = {
  long_crowded: "Longs are crowded: they pay unusual funding for an unusually large position.",
  short_crowded: "Shorts are crowded: they pay unusual funding for an unusually large position.",
  none: "Neither side is crowded.",
} as const;

/** Which side is crowded, in a sentence. */
export function squeezeText({ reading }: MarketState["squeeze"]): string {
  return reading === null
    ? "Which side is crowded is unknown: it takes funding, open interest and basis, and a day of them."
    : READINGS[reading];
}

const MEASURES = { funding_rate: "funding", open_interest_change: "change of open interest", basis: "basis" } as const;

/** `short liquidations 15 min after the basis: −0.21 (−0.30 to −0.12)` */
export function correlationText({ measure, position_side: side, lag_minutes: lag, correlation, low, high }: LaggedCorrelation): string {
  const minutes = Math.abs(lag);
  const when = lag === 0 ? "in the same 5 min as" : `${minutes} min ${lag > 0 ? "after" : "before"}`;
  const numbers = correlation === null ? "not distinguishable from none" : signed(correlation);
  return `${side} liquidations ${when} the ${MEASURES[measure]}: ${numbers} (${signed(low)} to ${signed(high)})`;
}

/** Those that are distinguishable from none, the strongest first. */
export function shownCorrelations({ entries }: MarketState["correlations"]): readonly LaggedCorrelation[] {
  const size = ({ correlation }: LaggedCorrelation) => Math.abs(correlation ?? 0);
  return entries.filter(({ distinguishable }) => distinguishable).toSorted((a, b) => size(b) - size(a));
}

function signed(value: number): string {
  return `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(2)}`;
}
