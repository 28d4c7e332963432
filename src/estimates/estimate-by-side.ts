import type { ExchangeName } from "../liquidation.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { EstimateStep } from "./estimate-steps.ts";
import { type Estimate, sumEstimates } from "./estimate.ts";
import { quietSides } from "./quiet-sides.ts";

export interface EstimateBySide {
  readonly long: Estimate;
  readonly short: Estimate;
  readonly total: Estimate;
}

/** The times of the minutes that an estimate is of; null where none is settled. */
export function estimateTimes(range: TimeRange | null): { readonly start_time: number | null; readonly end_time: number | null } {
  return { start_time: range?.start ?? null, end_time: range?.end ?? null };
}

export function estimateBySide({ sides, total }: Pick<EstimateStep, "sides" | "total">): EstimateBySide {
  return { ...sides, total };
}

/** The estimate of both sides of a venue: zero where it was connected and reported nothing, see `quietSides`. */
export function estimateOfVenue({ venues }: Pick<EstimateStep, "venues">, exchange: ExchangeName): Estimate {
  const own = venues.filter((one) => one.exchange === exchange);
  return sumEstimates([...own, ...quietSides(exchange, own)]);
}

/** The same for each venue that reported something or has no estimate. */
export function estimateByVenue(step: Pick<EstimateStep, "venues">): Readonly<Partial<Record<ExchangeName, Estimate>>> {
  const names = new Set(step.venues.map(({ exchange }) => exchange));
  return Object.fromEntries([...names].map((name) => [name, estimateOfVenue(step, name)]));
}
