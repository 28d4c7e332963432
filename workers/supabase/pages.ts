/** A part of an ordered list, and the key to go on after; null where the list has ended. */
export interface Page<Row, Key> {
  readonly rows: readonly Row[];
  readonly next: Key | null;
}

/**
 * Reads up to `limit` rows. A short answer is not taken for the end of the list, since a project may cap the rows of an
 * answer (`db-max-rows`, 1000 by default): only an empty one is.
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
