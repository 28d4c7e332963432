import { messageOf } from "./message-of.ts";

/**
 * Faults of the platform that do not go away while an object runs, and that a fresh start of it mends. A storage that is
 * full is none: room is made for that.
 */
const FAULTS = {
  /** https://developers.cloudflare.com/workers/platform/limits/#subrequests: not the 429 of another server. */
  calls: /too many subrequests|too many api requests by single worker/i,
  /** https://www.sqlite.org/rescode.html, and what the runtime says of its own storage. */
  storage:
    /disk i\/o error|SQLITE_(IOERR|CORRUPT|CANTOPEN|NOTADB)|disk image is malformed|in durable object storage|no longer access storage/i,
  /** A promise or socket of an earlier event was used in a later one. */
  foreign_io: /cannot perform i\/o on behalf of a different/i,
} as const;

export type PlatformFault = keyof typeof FAULTS;
export const PLATFORM_FAULTS = Object.keys(FAULTS) as readonly PlatformFault[];

/** The fault behind an error, or behind its message; null where the error is none of the platform's. */
export function platformFaultOf(error: unknown): PlatformFault | null {
  const message = messageOf(error);
  return PLATFORM_FAULTS.find((fault) => FAULTS[fault].test(message)) ?? null;
}
