import type { StreamRecord } from "./stream-record.ts";

const BRACKETS = 2;
const COMMA = 1;

/**
 * Splits records, in order, into lists of at most `maxBytes` each as a JSON array. A longer record becomes a list of
 * its own.
 */
export function recordParts(records: readonly StreamRecord[], maxBytes: number): readonly (readonly StreamRecord[])[] {
  const parts: StreamRecord[][] = [];
  let held: StreamRecord[] = [];
  let bytes = BRACKETS;
  for (const record of records) {
    const more = Buffer.byteLength(JSON.stringify(record)) + COMMA;
    if (held.length > 0 && bytes + more > maxBytes) {
      parts.push(held);
      [held, bytes] = [[], BRACKETS];
    }
    held.push(record);
    bytes += more;
  }
  if (held.length > 0) parts.push(held);
  return parts;
}
