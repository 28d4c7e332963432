import type { Config } from "../../src/config.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { missingVariables } from "./connection.ts";

/** A range that the archive does not hold, and the reason. */
export interface NotInArchive extends TimeRange {
  readonly code: "archive_off" | "archive_expired";
  readonly detail: string;
}

/** The archive: Supabase, which holds the full history that D1 no longer has. */
export interface Archive {
  readonly isOn: boolean;
  /** Start of the history that can be served, given that D1 holds everything since `hotFrom`; ms. */
  answersFrom(hotFrom: number): number;
  /** The reason why a range before that is not covered. */
  notCovered(range: TimeRange): NotInArchive;
}

export function archiveOf(config: Config, now: number): Archive {
  const isOn = missingVariables(config).length === 0;
  const keepDays = config.LIQUIDATION_SUPABASE_RETENTION_DAYS;
  const keptFrom = keepDays === 0 ? 0 : now - keepDays * DAY_MS;
  return {
    isOn,
    answersFrom: (hotFrom) => (isOn ? Math.min(hotFrom, keptFrom) : hotFrom),
    notCovered: (range) => (isOn ? archiveExpired(range, keepDays) : archiveOff(range)),
  };
}

function archiveOff(range: TimeRange): NotInArchive {
  const detail = `Only the archive holds data ${span(range)}, and it is off: SUPABASE_URL and SUPABASE_SECRET_KEY are not set.`;
  return { ...range, code: "archive_off", detail };
}

function archiveExpired(range: TimeRange, keepDays: number): NotInArchive {
  const detail = `Data ${span(range)} was deleted: the archive keeps ${keepDays} days (LIQUIDATION_SUPABASE_RETENTION_DAYS).`;
  return { ...range, code: "archive_expired", detail };
}

export function span({ start, end }: TimeRange): string {
  return `from ${new Date(start).toISOString()} to ${new Date(end).toISOString()}`;
}
