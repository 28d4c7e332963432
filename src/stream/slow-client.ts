/** Thresholds on the bytes that were sent to a client and that it has not read. */
export const SLOW_BYTES = 256 * 1024;
export const RECOVERED_BYTES = 64 * 1024;
export const CLOSE_BYTES = 1024 * 1024;
export const SLOW_MS = 30_000;
/** What all clients of a relay hold together. */
export const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** A client that reads acknowledges a beat within this time, ms. Before, what it was sent may still be in transit. */
export const IN_TRANSIT_MS = 5_000;
/** Bytes after which a client is asked to acknowledge again, so that what it has not read is known to within these. */
export const BYTES_PER_BEAT = RECOVERED_BYTES / 2;

/** Frames that a slow client was not sent. */
export interface Skipped {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Event times of the first and the last of them, ms. */
  readonly first_time: number;
  readonly last_time: number;
  /** Since when frames are skipped, ms. */
  readonly since: number;
}

/** What a relay knows of how fast a client reads. It is kept in the attachment of its socket. */
export interface Reading {
  /** Number of the last beat that was sent. */
  readonly beats: number;
  /** Bytes sent since the last acknowledged beat. */
  readonly unread: number;
  /**
   * The beats that are not acknowledged, oldest first, with the bytes sent up to and including each since the acknowledged
   * one, and when it was sent, ms.
   */
  readonly waiting: readonly (readonly [beat: number, bytes: number, time: number])[];
  /** Whether the client ever acknowledged a beat. One that never did is given the benefit of the doubt up to `CLOSE_BYTES`. */
  readonly acknowledges: boolean;
  readonly skipped: Skipped | null;
}

export const NOTHING_SENT: Reading = { beats: 0, unread: 0, waiting: [], acknowledges: false, skipped: null };
/** More waiting beats say nothing more: the oldest ones stay. */
const MAX_WAITING = 40;

export function sent(reading: Reading, bytes: number): Reading {
  return { ...reading, unread: reading.unread + bytes };
}

/** The next beat goes out. */
export function sentBeat(reading: Reading, bytes: number, now: number): Reading {
  const beats = reading.beats + 1;
  const unread = reading.unread + bytes;
  const waiting = reading.waiting.length < MAX_WAITING ? [...reading.waiting, [beats, unread, now] as const] : reading.waiting;
  return { ...reading, beats, unread, waiting };
}

/**
 * The client says that it read a beat and all before it.
 * @returns null where no such beat was sent
 */
export function acknowledged(reading: Reading, beat: number): Reading | null {
  if (!Number.isInteger(beat) || beat < 1 || beat > reading.beats) return null;
  const read = reading.waiting.findLast(([number]) => number <= beat);
  if (read === undefined) return { ...reading, acknowledges: true };
  const [number, bytes] = read;
  const waiting = reading.waiting.flatMap(([later, upTo, time]) => (later > number ? [[later, upTo - bytes, time] as const] : []));
  return { ...reading, unread: reading.unread - bytes, waiting, acknowledges: true };
}

/** What a client has not read. */
export interface Unread {
  readonly bytes: number;
  /** Whether the runtime or acknowledgements tell. Else the bytes are all that the client was ever sent. */
  readonly isMeasured: boolean;
}

/**
 * @param buffered bytes that the runtime still holds for the client; null where it does not tell. It cannot see what waits
 * beyond it, so the acknowledgements are a second test.
 */
export function unreadOf({ acknowledges, unread }: Reading, buffered: number | null): Unread {
  if (buffered === null) return { bytes: unread, isMeasured: acknowledges };
  return { bytes: acknowledges ? Math.max(buffered, unread) : buffered, isMeasured: true };
}

/** Whether frames must be skipped from now on. */
export function isSlow({ bytes, isMeasured }: Unread): boolean {
  return bytes > (isMeasured ? SLOW_BYTES : CLOSE_BYTES);
}

export function isRecovered({ skipped }: Reading, { bytes }: Unread): boolean {
  return skipped !== null && bytes < RECOVERED_BYTES;
}

/**
 * Bytes that the server probably holds for a client, because they wait to be read: none for a client that acknowledges in
 * time, whose unread bytes are in transit.
 */
export function held({ skipped, waiting }: Reading, { bytes, isMeasured }: Unread, now: number): number {
  const oldest = waiting[0]?.[2] ?? now;
  const isLate = isMeasured ? now - oldest >= IN_TRANSIT_MS : bytes > SLOW_BYTES;
  return isLate || skipped !== null ? bytes : 0;
}

/** Why a client must be closed; null where it need not. */
export function tooSlow({ skipped }: Reading, { bytes, isMeasured }: Unread, now: number): string | null {
  if (bytes > CLOSE_BYTES && isMeasured) return "more than 1 MB was not read";
  if (skipped === null || now - skipped.since < SLOW_MS) return null;
  if (!isMeasured) return '1 MB was sent and no beat was acknowledged: send {"op":"ack","n":…} for each beat';
  return "more than 256 kB was not read for 30 s";
}

/** Another frame that is not sent. */
export function skip(reading: Reading, frame: { readonly sequence: number; readonly event_time: number }, now: number): Reading {
  const before = reading.skipped;
  const time = frame.event_time;
  const skipped = {
    from: before?.from ?? frame.sequence,
    to: frame.sequence,
    count: (before?.count ?? 0) + 1,
    first_time: Math.min(before?.first_time ?? time, time),
    last_time: Math.max(before?.last_time ?? time, time),
    since: before?.since ?? now,
  };
  return { ...reading, skipped };
}
