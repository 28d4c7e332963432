import { canonicalJson } from "../../src/signals/canonical-json.ts";
import {
  FORECAST_FIELDS,
  type ForecastFields,
  STANDING_FIELDS,
  type SignalRecord,
  type StandingFields,
  TRIGGER_FIELDS,
  type TriggerFields,
  withoutAbsent,
} from "../../src/signals/ledger.ts";
import type { SignalInput } from "../../src/signals/signal-input.ts";

/** The columns of `signals`, which are the fields of a record. */
export const SIGNAL_COLUMNS = [
  "sequence",
  "signal_id",
  "created_time",
  "minute",
  "symbol",
  "window",
  "action",
  "confidence",
  "calibrated_probability",
  "paper",
  "reason",
  "reason_code",
  "invalidation",
  "long_change_pct",
  "short_change_pct",
  "statistics",
  "analyst",
  "model",
  "prompt_version",
  "rule_action",
  "input_hash",
  "previous_hash",
  "hash",
  ...FORECAST_FIELDS,
  ...STANDING_FIELDS,
  ...TRIGGER_FIELDS,
] as const satisfies readonly (keyof SignalRecord)[];

/** For SQL, in which `window` is a keyword. */
export const COLUMN_LIST = SIGNAL_COLUMNS.map((name) => `"${name}"`).join(", ");

type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };

export type SignalRow = Omit<SignalRecord, "paper" | "statistics" | keyof ForecastFields | keyof StandingFields | keyof TriggerFields> &
  Nullable<ForecastFields & StandingFields & TriggerFields> & { readonly paper: number; readonly statistics: string };

/** The record of a row. Statistics that are not valid JSON become null, which the hashes reveal. */
export function recordOf(row: SignalRow): SignalRecord {
  return { ...listedRecordOf(row), statistics: inputOf(row.statistics) };
}

/** The record of a row without its input. */
export function listedRecordOf({ statistics: _input, paper, ...row }: SignalRow): Omit<SignalRecord, "statistics"> {
  return { ...(withoutAbsent(row) as Omit<SignalRecord, "statistics" | "paper">), paper: paper === 1 };
}

/** The input of a decision; null where it is not valid JSON. */
export function inputOf(json: string | null): SignalInput | null {
  if (json === null) return null;
  try {
    return JSON.parse(json) as SignalInput;
  } catch {
    return null;
  }
}

/** The value of a record's column. */
export function columnValue(record: SignalRecord, name: (typeof SIGNAL_COLUMNS)[number]): string | number | null {
  if (name === "statistics") return canonicalJson(record.statistics);
  return name === "paper" ? Number(record.paper) : (record[name] ?? null);
}

/** ?1 the sequence number to start after, ?2 the limit. */
export const RECORDS_AFTER = `SELECT ${COLUMN_LIST} FROM signals WHERE sequence > ?1 ORDER BY sequence LIMIT ?2`;
