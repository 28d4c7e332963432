import { MINUTE_MS } from "../windows/calendar.ts";

/** Trades at random times enter on this grid, and every horizon is a multiple of it. */
export const GRID_MS = 5 * MINUTE_MS;

/** The mark price of one venue over an hour, as far as trades at random times need it. */
export interface HourMark {
  /** Start of the hour, ms. */
  readonly hour: number;
  /** The open of each minute on the grid, 12 in all; null where that minute has no mark. */
  readonly opens: readonly (number | null)[];
  /** Standard deviation of a minute's return; null under 30 returns. */
  readonly volatility: number | null;
}
