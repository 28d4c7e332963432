import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { jsonChunks } from "./json-chunks.ts";

/** Venues from the most to the least preferred, in the order of the field list: the place is the rank. */
const PREFERENCE = `,${EXCHANGES.join(",")},`;
const rankOf = (column: string): string => `instr('${PREFERENCE}', ',' || ${column} || ',')`;

const UPSERT = `
  INSERT INTO minute_marks (minute, symbol, exchange, open, high, low, close, samples)
  SELECT ${[0, 1, 2, 3, 4, 5, 6, 7].map((index) => `value ->> ${index}`).join(", ")} FROM json_each(?1) WHERE true
  ON CONFLICT (minute, symbol) DO UPDATE
  SET exchange = excluded.exchange, open = excluded.open, high = excluded.high, low = excluded.low,
    close = excluded.close, samples = excluded.samples
  WHERE ${rankOf("excluded.exchange")} < ${rankOf("minute_marks.exchange")}
    OR (excluded.exchange = minute_marks.exchange AND excluded.samples > minute_marks.samples)`;

/**
 * The statements that record minute marks. One row per minute and symbol: that of the preferred venue, and of one
 * venue's reports the one that covers more of the minute.
 */
export function minuteMarkWrites(db: D1Database, marks: readonly MinuteMark[]): readonly D1PreparedStatement[] {
  const rows = jsonChunks(marks, (mark) =>
    JSON.stringify([mark.minute, mark.symbol, mark.exchange, mark.open, mark.high, mark.low, mark.close, mark.samples]),
  );
  return rows.map((chunk) => db.prepare(UPSERT).bind(chunk.json));
}
