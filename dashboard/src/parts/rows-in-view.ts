/** The rows that were in view when a list was last drawn: the number of the first, and their keys. */
export interface RowsInView {
  readonly first: number;
  readonly keys: readonly string[];
}

/** The rows of a list that are in view, with the part of a row at either edge. */
export function rowsInView(top: number, height: number, rowHeight: number, count: number, keyOf: (index: number) => string): RowsInView {
  const first = Math.floor(top / rowHeight);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight));
  return { first, keys: Array.from({ length: Math.max(0, last - first) }, (_, offset) => keyOf(first + offset)) };
}

/**
 * By how many rows a list has moved since it was last drawn: how far the first of the rows in view that is still there lies
 * from its place. A row may be gone, such as one that was joined with others. @returns 0 where none is left
 */
export function rowsMoved({ first, keys }: RowsInView, count: number, keyOf: (index: number) => string): number {
  const places = new Map(keys.map((key, offset) => [key, offset]));
  let [found, moved] = [Number.POSITIVE_INFINITY, 0];
  for (let index = 0; index < count && found > 0; index += 1) {
    const offset = places.get(keyOf(index));
    if (offset !== undefined && offset < found) [found, moved] = [offset, index - first - offset];
  }
  return moved;
}
