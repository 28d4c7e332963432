import type { Config } from "../../src/config.ts";
import { OTHER_SYMBOLS } from "../../src/estimates/fit.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { HOUR_MS, ceilTo } from "../../src/windows/calendar.ts";
import { cascadesWithoutEstimate, estimateOfMinutes, minutesOf, storeCascadeEstimate } from "../d1/cascade-estimates.ts";
import { readFits } from "../d1/estimate-fits.ts";
import { readEstimateReach } from "../d1/estimate-reads.ts";

/** Cascades are tens a day, so this is only reached by those of before estimates were stored. */
const MAX_CASCADES = 10;

/**
 * Stores with cascades what their minutes are estimated to come to, before those are deleted: once the hours they ran in are summed,
 * after which no minute is estimated again.
 * @returns the number of cascades
 */
export async function cascadeEstimates(db: D1Database, config: Config, now: number): Promise<{ readonly stored: number }> {
  const reach = await readEstimateReach(db);
  const ended = reach === null ? [] : await cascadesWithoutEstimate(db, reach.hours, MAX_CASCADES);
  if (ended.length === 0) return { stored: 0 };
  const fits = await readFits(db);
  for (const cascade of ended) {
    const range = minutesOf(cascade, now);
    const estimate = await estimateOfMinutes(db, cascade, range, publishingVenues(config));
    const fit = fits.get(cascade.symbol) ?? fits.get(OTHER_SYMBOLS);
    // Hours are summed after their end, so a fit that was there before was there for all of them.
    const isOfAll = fit !== undefined && fit.fitted_time < ceilTo(range.start + 1, HOUR_MS);
    await storeCascadeEstimate(db, cascade.cascade_id, { ...estimate, stored_time: now, fit_hash: isOfAll ? fit.hash : null });
  }
  return { stored: ended.length };
}
