import { type PastForecast, calibrationOf } from "../../src/scoreboard/calibration.ts";
import { HEADLINE_HORIZON } from "../../src/grades/grade.ts";
import { GENESIS } from "../../src/signals/hash-chain.ts";
import { MUTING_RULE } from "../../src/scoreboard/muting.ts";
import {
  type RecordedDecision,
  type RecordKey,
  type SettledRecord,
  type Standing,
  UNSETTLED,
  recordName,
  settled,
  standingOf,
} from "../../src/scoreboard/track-record.ts";
import { gradesHead } from "./grade-rows.ts";

/**
 * The number of decisions that calibration is fitted on: enough for its shape, few enough to read with every decision.
 */
const MAX_FORECASTS = 1_000;
/** Decisions read at once; more follow only where a record is counted for the first time. */
const PAGE = 500;

/** ?4 is the last grade of the chain that counts; grades from before the chain always do. */
const IS_KNOWN = "(grades.graded_time IS NOT NULL AND coalesce(grades.sequence, 0) <= ?4)";

/** Where a trade has its net return and its confidence. */
interface TradeColumns {
  readonly net: string;
  readonly confidence: string;
}

/**
 * BUY and SELL of a record, as `tradesOf` has them: its own decisions, and for the rule model those beside a language model.
 * ?1 to ?3 is the key of the record. Either part is read in the order of an index.
 */
function trades(columns: (of: TradeColumns) => string, condition: (of: TradeColumns) => string): string {
  const part = (of: TradeColumns, ofRecord: string) => `
    SELECT signals.sequence AS sequence, ${columns(of)} FROM signals CROSS JOIN signal_grades AS grades
    WHERE ${ofRecord} AND grades.signal_id = signals.signal_id AND grades.horizon = '${HEADLINE_HORIZON}' AND ${condition(of)}`;
  const own = "signals.analyst = ?1 AND signals.model IS ?2 AND signals.prompt_version IS ?3 AND signals.action <> 'NOTHING'";
  const beside = `?1 = 'rules' AND signals.rule_version = ?2 AND signals.analyst <> 'rules' AND signals.rule_action <> 'NOTHING'
    AND coalesce(signals.reason_code, '') NOT IN ('late', 'interrupted')`;
  return `${part({ net: "net_return_bps", confidence: "confidence" }, own)}
    UNION ALL ${part({ net: "rule_net_return_bps", confidence: "rule_confidence" }, beside)}`;
}

const NEXT = `
  ${trades(
    ({ net }) => `created_time, minute, ${IS_KNOWN} AS is_known, ${net} AS net`,
    () => "signals.sequence > ?5",
  )}
  ORDER BY sequence LIMIT ${PAGE}`;
const FORECASTS = `
  ${trades(
    ({ net, confidence }) => `${confidence} AS confidence, ${net} > 0 AS hit`,
    ({ net }) => `${IS_KNOWN} AND ${net} IS NOT NULL`,
  )}
  ORDER BY sequence DESC LIMIT ${MAX_FORECASTS}`;

const SETTLED = "SELECT sequence, state FROM track_records WHERE name = ?1";
const SAVE = `
  INSERT INTO track_records (name, sequence, state) VALUES (?1, ?2, ?3)
  ON CONFLICT (name) DO UPDATE SET sequence = ?2, state = ?3 WHERE sequence < ?2`;

/** The standing of an analyst for its next decision. What is settled of its record is stored, so that it is read once. */
export async function readStanding(db: D1Database, key: RecordKey): Promise<Standing> {
  // In this order: what another run has settled meanwhile counts no later grade than the last one read here.
  const stored = await readSettled(db, key);
  const { sequence: gradesKnown } = (await gradesHead(db)) ?? GENESIS;
  const record = await readOn(db, key, stored, gradesKnown);
  if (record.sequence > stored.sequence) await save(db, key, record);
  const { results } = await db
    .prepare(FORECASTS)
    .bind(...keyValues(key), gradesKnown)
    .all<Omit<PastForecast, "hit"> & { readonly hit: number }>();
  return standingOf(record, gradesKnown, calibrationOf(results.map(({ confidence, hit }) => ({ confidence, hit: hit === 1 }))));
}

/** A record up to the last grade. */
export async function readRecord(db: D1Database, key: RecordKey): Promise<SettledRecord> {
  return readOn(db, key, await readSettled(db, key), Number.MAX_SAFE_INTEGER);
}

/** Stores what is settled of a record, so that reading it later reads only what has come since. */
export async function settleRecord(db: D1Database, key: RecordKey): Promise<void> {
  // In the order of `readStanding`, for the same reason.
  const stored = await readSettled(db, key);
  const { sequence: gradesKnown } = (await gradesHead(db)) ?? GENESIS;
  const record = await readOn(db, key, stored, gradesKnown);
  if (record.sequence > stored.sequence) await save(db, key, record);
}

async function readOn(db: D1Database, key: RecordKey, from: SettledRecord, gradesKnown: number): Promise<SettledRecord> {
  let record = from;
  for (;;) {
    const { results } = await db
      .prepare(NEXT)
      .bind(...keyValues(key), gradesKnown, record.sequence)
      .all<TradeRow>();
    const next = settled(record, results.map(recordedDecision));
    if (results.length < PAGE || next.sequence !== results.at(-1)?.sequence) return next;
    record = next;
  }
}

interface TradeRow {
  readonly sequence: number;
  readonly created_time: number;
  readonly minute: number;
  readonly is_known: number;
  readonly net: number | null;
}

function recordedDecision({ is_known: isKnown, net, ...decision }: TradeRow): RecordedDecision {
  return { ...decision, outcome: isKnown === 0 ? "pending" : (net ?? "ungradable") };
}

async function readSettled(db: D1Database, key: RecordKey): Promise<SettledRecord> {
  const row = await db.prepare(SETTLED).bind(storedName(key)).first<{ readonly sequence: number; readonly state: string }>();
  return row === null ? UNSETTLED : { sequence: row.sequence, state: JSON.parse(row.state) as SettledRecord["state"] };
}

async function save(db: D1Database, key: RecordKey, { sequence, state }: SettledRecord): Promise<void> {
  await db.prepare(SAVE).bind(storedName(key), sequence, JSON.stringify(state)).run();
}

/** What another rule had settled is counted again. */
function storedName(key: RecordKey): string {
  return `${MUTING_RULE} ${recordName(key)}`;
}

function keyValues({ analyst, model, prompt_version: prompt }: RecordKey): readonly [string, string | null, string | null] {
  return [analyst, model, prompt];
}
