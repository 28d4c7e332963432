import type { Liquidation } from "./liquidation.ts";
import type { ColumnSpec, FieldSpec, FieldType } from "./liquidation-fields.ts";
import { LIQUIDATION_FIELDS } from "./liquidation-fields.ts";
import type { Batch, RefusedRow, Sink, SinkOutcome } from "./sink.ts";

/**
 * Decides which rows can be stored, once before every sink, because the stores differ: Parquet would turn an
 * overflowing integer into null, D1 would keep it and Postgres would reject the row.
 *
 * A value that is not of its field's type is unknown: a nullable field becomes null and the rest of the liquidation is
 * stored, and a row without a required field is refused. Characters that not every store accepts (lone surrogates, NUL)
 * become U+FFFD. Every change and refusal is reported with its reason.
 */

type LiquidationField = FieldSpec & { readonly name: keyof Liquidation };
const FIELDS: readonly LiquidationField[] = LIQUIDATION_FIELDS;

/** Dates from 1970 to 9999 have one spelling everywhere. */
const END_OF_TIME = Date.UTC(10_000, 0);

const ALLOWED: Readonly<Record<FieldType, string>> = {
  text: "a text",
  time: "a time from 1970 to 9999 in whole milliseconds",
  double: "a finite number",
  int32: "a whole number of 32 bits",
  int64: "a whole number of 53 bits",
};

/** Whether a value has the type of a field; null has none. */
export function hasType(type: FieldType, value: unknown): value is string | number {
  switch (type) {
    case "text":
      return typeof value === "string";
    case "double":
      return Number.isFinite(value);
    case "int32":
      return typeof value === "number" && value === (value | 0);
    case "int64":
      return Number.isSafeInteger(value);
    case "time":
      return Number.isInteger(value) && Number(value) >= 0 && Number(value) < END_OF_TIME;
  }
}

/** A row with an invalid value in a required field. */
export class UnstorableRowError extends Error {
  override readonly name = "UnstorableRowError";

  constructor(row: object, field: ColumnSpec) {
    super(`${"event_id" in row ? String(row.event_id) : JSON.stringify(row)}: ${unfit(field, valueOf(row, field))}`);
  }
}

/** The value that a row has for a field; undefined where it has none. */
export function valueOf(row: object, { name }: Pick<ColumnSpec, "name">): unknown {
  return (row as Readonly<Record<string, unknown>>)[name];
}

export interface StorableRows {
  /** In the given order. */
  readonly rows: readonly Liquidation[];
  readonly refused: readonly RefusedRow[];
  /** Values of stored rows that became null, one per entry. */
  readonly nulled: readonly RefusedRow[];
}

/** The rows in a form that every store accepts; the same rows give the same result. */
export function storableRows(rows: readonly Liquidation[]): StorableRows {
  const storable: Liquidation[] = [];
  const refused: RefusedRow[] = [];
  const nulled: RefusedRow[] = [];
  for (const row of rows) {
    const judged = judgeRow(row);
    if ("refusal" in judged) refused.push({ eventId: row.event_id, reason: judged.refusal });
    else {
      storable.push(judged.row);
      for (const reason of judged.nulled) nulled.push({ eventId: row.event_id, reason });
    }
  }
  return { rows: storable, refused, nulled };
}

type Judged = { readonly row: Liquidation; readonly nulled: readonly string[] } | { readonly refusal: string };

/** Returns the same row where nothing changes. */
function judgeRow(row: Liquidation): Judged {
  let changed: Record<string, unknown> | null = null;
  const nulled: string[] = [];
  for (const field of FIELDS) {
    const value: unknown = row[field.name];
    const stored = storedValue(field, value);
    if (stored === null && !field.nullable) return { refusal: unfit(field, value) };
    if (Object.is(stored, value)) continue;
    if (stored === null && value !== undefined) nulled.push(unfit(field, value));
    changed ??= { ...row };
    changed[field.name] = stored;
  }
  return { row: changed === null ? row : (changed as unknown as Liquidation), nulled };
}

/** The value in the spelling of all stores: no lone surrogates, no NUL, no negative zero. */
function storedValue({ type, values }: LiquidationField, value: unknown): string | number | null {
  if (!hasType(type, value)) return null;
  if (typeof value === "number") return value + 0;
  if (values !== undefined) return values.includes(value) ? value : null;
  return value.toWellFormed().replaceAll("\0", "\ufffd");
}

export type StorableOutcome =
  | (Extract<SinkOutcome, { kind: "stored" }> & Pick<StorableRows, "nulled">)
  | Extract<SinkOutcome, { kind: "failed" }>;

/** Writes the storable rows of a batch to a sink: the only way in which a batch reaches one. */
export async function writeStorable<Env>(
  sink: Pick<Sink<Env>, "write">,
  env: Env,
  config: Parameters<Sink<Env>["write"]>[1],
  batch: Batch,
): Promise<StorableOutcome> {
  const { rows, refused, nulled } = storableRows(batch.rows);
  if (rows.length === 0) return { kind: "stored", refused, nulled };
  const outcome = await sink.write(env, config, { ...batch, rows });
  return outcome.kind === "failed" ? outcome : { kind: "stored", refused: [...refused, ...outcome.refused], nulled };
}

function unfit({ name, type, values }: ColumnSpec, value: unknown): string {
  return `${name} is ${String(value)}, not ${values === undefined ? ALLOWED[type] : `one of ${values.join(", ")}`}`;
}
