import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import type { AdlState } from "../../../../src/adl/adl-state.ts";
import { bySeverity, fundText } from "../../parts/adl-text.ts";

/** What a venue published of the auto-deleveraging of a contract during a cascade, and why what is null is null. */
export interface CaseAdlRow {
  readonly exchange: string;
  /** Null for a venue of the cascade that published nothing. */
  readonly instrument: string | null;
  readonly state: AdlState | null;
  readonly fundStart: number | null;
  readonly fundMin: number | null;
  readonly currency: string | null;
  readonly reason: string;
  readonly fundReason: string;
}

/** Cascades keep what was published in this time before their last record. */
const KEPT_MS = 900_000;

/** The most severe first, with the venues of the cascade that published nothing; null where it was not followed. */
export function caseAdlRows({ adl_states: states, exchanges }: CascadeRecord): readonly CaseAdlRow[] | null {
  if (states === null) return null;
  const published = states.map((contract): CaseAdlRow => ({
    exchange: contract.exchange,
    instrument: contract.instrument,
    state: contract.state,
    fundStart: contract.insurance_fund_start,
    fundMin: contract.insurance_fund_min,
    currency: contract.insurance_fund_currency,
    reason: "The venue published the balance of its insurance fund, and no state: unknown, not normal.",
    fundReason: "The venue published no balance of its insurance fund.",
  }));
  const named = new Set(states.map(({ exchange }) => exchange));
  const silent = exchanges.filter((exchange) => !named.has(exchange)).map(silentRow);
  return [...bySeverity(published), ...silent];
}

function silentRow(exchange: string): CaseAdlRow {
  const reason = "The venue does not publish it, or what it published had aged out before the cascade: unknown, not normal.";
  return { exchange, instrument: null, state: null, fundStart: null, fundMin: null, currency: null, reason, fundReason: reason };
}

/** The lowest balance of an insurance fund against the first one that was published during the cascade. */
export function fundFallText({ fundStart, fundMin, currency }: Pick<CaseAdlRow, "fundStart" | "fundMin" | "currency">): string {
  if (fundMin === null) return "No balance was published.";
  const lowest = `The lowest balance was ${fundText(fundMin, currency)}`;
  const first = fundStart === null ? "." : `; the first one published during it was ${fundText(fundStart, currency)}.`;
  return `${lowest}${first}${currency === null ? " The venue does not name the currency." : ""}`;
}

/** What the record of a long cascade does not have; null where it lacks nothing. */
export function adlGapText({ adl_states: states, start_time: start, end_time: end }: CascadeRecord, now: number): string | null {
  if (states === null || (end ?? now) - start <= KEPT_MS) return null;
  return "What was published before its last 15 minutes is not in the record.";
}
