/**
 * D1 allows 100 bound parameters per statement and 2,000,000 bytes per value, so bulk writes travel as one JSON array.
 * A UTF-16 unit takes at most three bytes of UTF-8: this many units fit in any alphabet.
 */
const MAX_UNITS = 600_000;

/** A chunk of items in order, with the JSON array that carries them. */
export interface JsonChunk<T> {
  readonly items: readonly T[];
  readonly json: string;
}

/** Splits a list into JSON arrays that each fit one bound parameter. Items are never split. */
export function jsonChunks<T>(items: readonly T[], toJson: (item: T) => string): readonly JsonChunk<T>[] {
  const chunks: JsonChunk<T>[] = [];
  let held: T[] = [];
  let texts: string[] = [];
  let units = 0;
  const flush = (): void => {
    if (held.length > 0) chunks.push({ items: held, json: `[${texts.join(",")}]` });
    [held, texts, units] = [[], [], 0];
  };
  for (const item of items) {
    const text = toJson(item);
    if (units + text.length > MAX_UNITS) flush();
    held.push(item);
    texts.push(text);
    units += text.length + 1;
  }
  flush();
  return chunks;
}
