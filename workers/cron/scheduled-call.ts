import { HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";

/** Cron runs may come late; a run for a later time only does its minute's work early. */
const MAX_LATE_MS = HOUR_MS;
const MAX_EARLY_MS = 30 * MINUTE_MS;

/** A call of the scheduled handler: the platform's cron, or a request to the local runtime. */
export interface ScheduledCall {
  readonly cron: string;
  /** ms; not a number where a local request named none that can be read. */
  readonly scheduledTime: number;
}

/**
 * The reason why a call of the scheduled handler is refused; null where its jobs may run. The jobs delete what is older than
 * it is kept, so a time of the caller's choice could delete anything. The local runtime takes calls from every page in the
 * machine's browser, so there the name of the cron must be the key that only the command that started the Worker knows.
 * @param cronKey null where the configuration has none
 */
export function refusalOfCron({ cron, scheduledTime }: ScheduledCall, cronKey: string | null, now: number): string | null {
  if (cronKey !== null && cron !== cronKey) return "the cron's name is not LOCAL_CRON_KEY";
  if (scheduledTime >= now - MAX_LATE_MS && scheduledTime <= now + MAX_EARLY_MS) return null;
  return `the scheduled time is ${String(scheduledTime)}; allowed: from an hour before now to half an hour after it`;
}
