import type { Config } from "../../src/config.ts";
import type { DayCounts } from "../../src/day-counts.ts";
import type { Stores } from "./stores.ts";

/** The rows that the feeds journaled on a UTC date, of those that respond. */
export type JournalCounts = (date: string) => Promise<readonly DayCounts[]>;

/** What the work on a day's file depends on. */
export interface DayContext {
  readonly env: Stores;
  readonly config: Config;
  readonly journals: JournalCounts;
  /** Time of the run, ms. */
  readonly now: number;
  /** Encoded rows that may be held in memory until the file of them is written, in place of being stored in between. */
  readonly heldRows: number;
}
