import { HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";

/** What the flow of liquidations is compared with. */
export const MEASURES = ["funding_rate", "open_interest_change", "basis"] as const;
export type Measure = (typeof MEASURES)[number];

/** Minutes from the market to the flow: at a positive lag the flow comes that much later, at a negative one that much earlier. */
export const LAGS_MINUTES = [-60, -15, -5, 0, 5, 15, 60] as const;
export type LagMinutes = (typeof LAGS_MINUTES)[number];

/** Length of a step of the series. */
export const STEP_MS = 5 * MINUTE_MS;
/**
 * Length of a block. Values are ranked inside their block alone, so that a slow drift from one block to the next, which two
 * independent series share by chance, counts for nothing.
 */
export const BLOCK_MS = 6 * HOUR_MS;
export const STEPS_PER_BLOCK = BLOCK_MS / STEP_MS;
