/** A part of an ordered list, and the key of the next part; null at the end of the list. */
export interface Page<Row, Key> {
  readonly rows: readonly Row[];
  readonly next: Key | null;
}

/**
 * Reads up to `limit` rows. Only an empty response marks the end of the list, not a short one, because a project may
 * cap the rows of a response (`db-max-rows`, 1000 by default).
 */
export async function readPage<Row, Key>(
  limit: number,
  after: Key | null,
  keyOf: (row: Row) => Key,
  read: (after: Key | null, limit: number) => Promise<readonly Row[]>,
): Promise<Page<Row, Key>> {
  const rows: Row[] = [];
  let last = after;
  while (rows.length < limit) {
    const part = await read(last, limit - rows.length);
    const end = part.at(-1);
    if (end === undefined) return { rows, next: null };
    rows.push(...part);
    last = keyOf(end);
  }
  return { rows, next: last };
}
