import { EXCHANGES } from "../../src/liquidation-fields.ts";
import {
  RANKED_COLUMNS,
  type RankedMark,
  VENUE_MARK_COLUMNS,
  type VenueMark,
  type VenueRows,
  rankedMinutes,
  venueMarkRanges,
} from "../../src/signals/venue-now.ts";
import { rowsOf } from "./rows-of.ts";

/** ?2 the venues, ?3 the ranges or minutes. CROSS JOIN keeps the order, so that each row is found by its key. */
const VENUE_MARKS = `
  SELECT ${VENUE_MARK_COLUMNS.join(", ")} FROM json_each(?2) AS venues CROSS JOIN json_each(?3) AS ranges CROSS JOIN minute_marks
  WHERE symbol = ?1 AND exchange = venues.value AND minute >= ranges.value ->> 0 AND minute < ranges.value ->> 1
  ORDER BY minute`;
const RANKED = `
  SELECT ${RANKED_COLUMNS.join(", ")} FROM json_each(?2) AS venues CROSS JOIN json_each(?3) AS minutes CROSS JOIN minute_marks
  WHERE symbol = ?1 AND exchange = venues.value AND minute = minutes.value`;
const VENUES = JSON.stringify(EXCHANGES);

/** The two statements that read what the state of venues before a minute is made of; pass their rows to `venueRowsOf`. */
export function venueRows(
  db: D1Database,
  symbol: string,
  minute: number,
  knownTime: number,
): readonly [D1PreparedStatement, D1PreparedStatement] {
  const ranges = venueMarkRanges(minute, knownTime).map(({ start, end }) => [start, end]);
  return [
    db.prepare(VENUE_MARKS).bind(symbol, VENUES, JSON.stringify(ranges)),
    db.prepare(RANKED).bind(symbol, VENUES, JSON.stringify(rankedMinutes(minute, knownTime))),
  ];
}

export function venueRowsOf(marks: D1Result | undefined, ranked: D1Result | undefined): VenueRows {
  return { marks: rowsOf<VenueMark>(marks), ranked: rowsOf<RankedMark>(ranked) };
}
