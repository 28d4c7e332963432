import { type Gap, isContractGap } from "../../src/gap.ts";
import { jsonChunks } from "./json-chunks.ts";

// A gap is first reported while it lasts and again when it has ended; a repeated first report must not reopen it. An
// object of a new placement has not connected yet, but the venue was connected before: the earliest end of
// `not_started` stays.
const UPSERT = `
  INSERT INTO gaps (exchange, from_time, to_time, reason, filled_events)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1) WHERE true
  ON CONFLICT (exchange, from_time) DO UPDATE
  SET reason = excluded.reason, filled_events = max(gaps.filled_events, excluded.filled_events), to_time = CASE excluded.reason
    WHEN 'not_started' THEN min(coalesce(gaps.to_time, excluded.to_time), coalesce(excluded.to_time, gaps.to_time))
    ELSE coalesce(excluded.to_time, gaps.to_time) END`;

const UPSERT_OF_CONTRACTS = `
  INSERT INTO contract_gaps (exchange, contract, from_time, to_time)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true
  ON CONFLICT (exchange, contract, from_time) DO UPDATE SET to_time = coalesce(excluded.to_time, contract_gaps.to_time)`;

/** The statements that record new or changed gaps, of venues and of single contracts. */
export function gapWrites(db: D1Database, gaps: readonly Gap[]): readonly D1PreparedStatement[] {
  const ofVenues = gaps.filter((gap) => !isContractGap(gap));
  const ofContracts = gaps.filter(isContractGap);
  const venueRows = jsonChunks(ofVenues, (gap) =>
    JSON.stringify([gap.exchange, gap.from_time, gap.to_time, gap.reason, "filled_events" in gap ? gap.filled_events : 0]),
  );
  const contractRows = jsonChunks(ofContracts, (gap) => JSON.stringify([gap.exchange, gap.contract, gap.from_time, gap.to_time]));
  return [
    ...venueRows.map(({ json }) => db.prepare(UPSERT).bind(json)),
    ...contractRows.map(({ json }) => db.prepare(UPSERT_OF_CONTRACTS).bind(json)),
  ];
}
