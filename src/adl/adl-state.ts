/**
 * How far a venue is towards auto-deleveraging (ADL), the closing of winning positions when its insurance fund cannot bear the
 * losses of liquidated ones. From the least to the most severe:
 *
 * `normal`: the venue says so, or its latest trades were ordinary ones. `insurance_fund`: the fund took part in a trade.
 * `warning`: the venue warns that it may deleverage. `adl`: positions are deleveraged.
 */
export const ADL_STATES = ["normal", "insurance_fund", "warning", "adl"] as const;
export type AdlState = (typeof ADL_STATES)[number];

/**
 * By what a venue publishes it. `states`: it names the state. `trade_flags`: it marks trades of the fund and of deleveraging.
 * `insurance_fund`: it publishes the balance of the fund alone, so that the state is unknown.
 */
export const ADL_SOURCES = ["states", "trade_flags", "insurance_fund"] as const;
export type AdlSource = (typeof ADL_SOURCES)[number];

/** What a venue publishes of a contract; times in ms. */
export interface AdlContract {
  readonly symbol: string;
  readonly instrument: string;
  /** Null where the venue publishes no state, or where the last one has aged out. */
  readonly state: AdlState | null;
  /** Start of the state, by the venue's time; null with the state. */
  readonly since: number | null;
  /** Time since which the venue has published it without a pause. */
  readonly covered_since: number;
  /** Time at which it was last received. */
  readonly received_time: number;
  /** When it ages out unless it is published again. */
  readonly valid_until: number;
  /** Last balance; null where the venue does not publish it, or where it has aged out. */
  readonly insurance_fund: number | null;
  /** Null where the venue does not name it. */
  readonly insurance_fund_currency: string | null;
}

/** What a feed's status says of auto-deleveraging. */
export interface AdlStatus {
  readonly source: AdlSource;
  /** When a state other than `normal` last began or ended, ms; null if there was none. */
  readonly changed_time: number | null;
  readonly contracts: readonly AdlContract[];
}

/** A contract whose state became another one than `normal`. */
export interface AdlRise extends AdlContract {
  readonly state: AdlState;
  readonly since: number;
  /** Null where it was not known. */
  readonly previous_state: AdlState | null;
}

/** 0 for an unknown state, which is no worse than a normal one. */
export function adlSeverity(state: AdlState | null): number {
  return state === null ? 0 : ADL_STATES.indexOf(state);
}

/** Whether positions of the contract may be deleveraged: what a webhook is sent for. */
export function isAdlWarning(state: AdlState | null): boolean {
  return adlSeverity(state) >= adlSeverity("warning");
}
