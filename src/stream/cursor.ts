/** A place in the stream: the log that gave it, and the number of the frame in that log. */
export interface StreamCursor {
  readonly epoch: string;
  readonly sequence: number;
}

const CURSOR = /^([a-z0-9]{6,16})-(0|[1-9]\d{0,15})$/;

/** The id of a frame, `<epoch>-<sequence>`. */
export function cursorText({ epoch, sequence }: StreamCursor): string {
  return `${epoch}-${sequence}`;
}

/** Null where the text is not the id of a frame. */
export function cursorOfText(text: string): StreamCursor | null {
  const [, epoch, digits] = CURSOR.exec(text) ?? [];
  if (epoch === undefined || digits === undefined) return null;
  const sequence = Number(digits);
  return Number.isSafeInteger(sequence) ? { epoch, sequence } : null;
}

/** The epoch of a log that begins at this time, ms: unique, since an object mints one at a time. */
export function mintEpoch(now: number): string {
  return Math.floor(now).toString(36).padStart(6, "0");
}
