import { MINUTE_MS } from "./windows/calendar.ts";

/** The parts that watch each other: the cron starts everything that runs by the minute, the hub meets all feeds. */
export const WATCHED_PARTS = ["cron", "hub"] as const;
export type WatchedPart = (typeof WATCHED_PARTS)[number];

/** A cron run may come late, and one may be left out; after this time the cron has stopped. */
export const CRON_STOPPED_MS = 3 * MINUTE_MS;
/** The hub works every ten seconds; after this time without, or without a response, it has stopped. */
export const HUB_STOPPED_MS = 2 * MINUTE_MS;

/** A part that does not work; times in ms. */
export interface PartOutage {
  readonly part: WatchedPart;
  readonly since: number;
  /** Whether `operations.degraded` was published. */
  readonly announced: boolean;
  readonly error: string | null;
}

/** What one look at a part showed. */
export interface PartObservation {
  readonly part: WatchedPart;
  /** Null where it works. */
  readonly error: string | null;
  /** The last time it is known to have worked, ms. */
  readonly lastTime: number;
}

/**
 * The outage of a part after a look at it: begun, lasting, to be announced once it lasts, or over (null).
 * @param patienceMs how long the part may not work before that is announced
 */
export function nextOutage(
  known: PartOutage | null,
  { part, error, lastTime }: PartObservation,
  now: number,
  patienceMs: number,
): { readonly outage: PartOutage | null; readonly change: "degraded" | "recovered" | null } {
  if (error === null) return { outage: null, change: known?.announced === true ? "recovered" : null };
  const since = known?.since ?? lastTime;
  const announced = known?.announced === true || now - since >= patienceMs;
  return { outage: { part, since, announced, error }, change: announced && known?.announced !== true ? "degraded" : null };
}
