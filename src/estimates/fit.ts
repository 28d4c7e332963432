import type { ExchangeName } from "../liquidation.ts";
import { DAY_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { Calibration } from "./calibration.ts";
import type { EstimateStatus } from "./estimate.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Signature } from "./signature.ts";
import type { SizeDistribution } from "./size-distribution.ts";
import type { ShownThrottle } from "./throttle.ts";
import type { VenueScale } from "./venue-scale.ts";

/** The key of the fit of all base assets that have none of their own. */
export const OTHER_SYMBOLS = "";

/** Raise it whenever a stored fit of before can no longer be read. */
export const FIT_VERSION = 1;

/** What was learnt on complete venues for one throttle. */
export interface ThrottleFit {
  /** Of sizes in units of the median of isolated ones. */
  readonly sizes: SizeDistribution;
  /** Shape of the negative binomial; 1e6 is Poisson. */
  readonly shape: number;
  readonly calibration: Calibration;
  /** Of the complete venue after the throttle in software. */
  readonly signature: Signature;
  /** The test on a complete venue that the fit did not use; null where there is none. */
  readonly evaluation: Evaluation | null;
  readonly status: EstimateStatus;
  readonly reason: string | null;
}

/** What was measured of a throttled venue. */
export interface VenueFit {
  readonly throttle: ShownThrottle;
  readonly scale: VenueScale | null;
  /** For `one`: its rate for each of the complete venues'. */
  readonly rho: number | null;
  /** The complete venues that `rho` is of. */
  readonly rho_exchanges: readonly ExchangeName[];
  readonly signature: Signature | null;
  readonly status: EstimateStatus;
  readonly reason: string | null;
}

/** The parameters of the estimates of a base asset, or of those without enough events. */
export interface EstimateFit {
  readonly version: typeof FIT_VERSION;
  readonly symbol: string;
  readonly range: TimeRange;
  /** Number of days with a daily file in the range. */
  readonly days: number;
  /** The complete venue that it was fitted on, and the one that it was tested on. */
  readonly fit_exchange: ExchangeName | null;
  readonly test_exchange: ExchangeName | null;
  readonly throttles: Readonly<Partial<Record<ShownThrottle, ThrottleFit>>>;
  readonly venues: Readonly<Partial<Record<ExchangeName, VenueFit>>>;
  /** Why no venue could be fitted; null where some could. */
  readonly reason: string | null;
}

/** The fit of a day reads files up to the day before it, and waits for them; one that is older than this has stopped. */
const MAX_AGE_MS = 3 * DAY_MS;

/** Why a fit is too old for the estimates of a time, ms; null where it is not. */
export function staleReason({ range }: Pick<EstimateFit, "range">, time: number): string | null {
  if (time - range.end <= MAX_AGE_MS) return null;
  return `the newest fit ends ${new Date(range.end).toISOString()}, more than ${MAX_AGE_MS / DAY_MS} days before`;
}

/** A fit without parameters: everything is withheld for one reason. */
export function emptyFit(symbol: string, range: TimeRange, days: number, reason: string): EstimateFit {
  return { version: FIT_VERSION, symbol, range, days, fit_exchange: null, test_exchange: null, throttles: {}, venues: {}, reason };
}
