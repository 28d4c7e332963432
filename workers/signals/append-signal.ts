import { HORIZON_NAMES, dueTime } from "../../src/grades/grade.ts";
import { GENESIS, GENESIS_HASH } from "../../src/signals/hash-chain.ts";
import { sealDecision, type SignalRecord, type UnsealedRecord } from "../../src/signals/ledger.ts";
import { ledgerHead, recordById } from "./ledger-rows.ts";
import { addToHistory } from "./spike-history.ts";
import { COLUMN_LIST, SIGNAL_COLUMNS, columnValue } from "./signal-row.ts";

/** An attempt fails where another run added a record in the meantime. */
const MAX_ATTEMPTS = 20;

const PREVIOUS = SIGNAL_COLUMNS.indexOf("previous_hash") + 1;
const ID = SIGNAL_COLUMNS.indexOf("signal_id") + 1;

/** Adds a record only if the ledger still ends with the expected hash and does not have the same decision yet. */
const APPEND = `
  INSERT INTO signals (${COLUMN_LIST}) SELECT ${SIGNAL_COLUMNS.map((_, index) => `?${index + 1}`).join(", ")}
  WHERE coalesce((SELECT hash FROM signals ORDER BY sequence DESC LIMIT 1), '${GENESIS_HASH}') = ?${PREVIOUS}
    AND NOT EXISTS (SELECT 1 FROM signals WHERE signal_id = ?${ID})`;

/** ?1 the id, ?2 the hash, ?3 the horizons with their due times: only where the record above was added. */
const GRADES = `
  INSERT INTO signal_grades (signal_id, horizon, due_time)
  SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?3)
  WHERE EXISTS (SELECT 1 FROM signals WHERE signal_id = ?1 AND hash = ?2)
  ON CONFLICT (signal_id, horizon) DO NOTHING`;

/**
 * Adds a decision, its pending grades and its line of the history in one transaction. Two runs cannot give two records the same
 * place, or one decision two places.
 * @returns the record in the ledger, whichever run added it
 * @throws {Error} where other runs add records faster than this one can
 */
export async function appendSignal(db: D1Database, decision: UnsealedRecord): Promise<SignalRecord> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const record = await sealDecision(decision, (await ledgerHead(db)) ?? GENESIS);
    const grades = HORIZON_NAMES.map((horizon) => [horizon, dueTime(record, horizon)]);
    const [added] = await db.batch([
      db.prepare(APPEND).bind(...SIGNAL_COLUMNS.map((name) => columnValue(record, name))),
      db.prepare(GRADES).bind(record.signal_id, record.hash, JSON.stringify(grades)),
      addToHistory(db, record),
    ]);
    if (added?.meta.changes === 1) return record;
    const present = await recordById(db, record.signal_id);
    if (present !== null) return present;
  }
  throw new Error(`${decision.signal_id}: other runs added records during all ${MAX_ATTEMPTS} attempts`);
}
