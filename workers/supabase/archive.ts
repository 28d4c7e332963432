import type { Config } from "../../src/config.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { missingVariables } from "./connection.ts";

/** A stretch that the archive does not hold, and why. */
export interface NotInArchive extends TimeRange {
  readonly code: "archive_off" | "archive_expired";
  readonly detail: string;
}

/** Supabase, as the store of what D1 no longer holds. */
export interface Archive {
  readonly isOn: boolean;
  /** From when on everything can be answered, where D1 holds what is not older than `hotFrom`; ms. */
  answersFrom(hotFrom: number): number;
  /** What is said of a stretch before that. */
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
  const detail = `${span(range)} only the archive could answer, and it is off: SUPABASE_URL and SUPABASE_SECRET_KEY are needed.`;
  return { ...range, code: "archive_off", detail };
}

function archiveExpired(range: TimeRange, keepDays: number): NotInArchive {
  const detail = `${span(range)} nothing is kept: the archive holds ${keepDays} days, as LIQUIDATION_SUPABASE_RETENTION_DAYS says.`;
  return { ...range, code: "archive_expired", detail };
}

export function span({ start, end }: TimeRange): string {
  return `From ${new Date(start).toISOString()} to ${new Date(end).toISOString()}`;
}
