import { REPLAYED_FIELDS, type ReplayedEvent } from "../../../src/backtest/replayed-event.ts";
import { type FieldSpec, LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";

const FIELDS = new Map<string, FieldSpec>(LIQUIDATION_FIELDS.map((field) => [field.name, field]));
const READ: readonly FieldSpec[] = REPLAYED_FIELDS.map(replayedField);

/** The columns without which a row is not a liquidation. */
export const REQUIRED_COLUMNS = READ.flatMap(({ name, nullable }) => (nullable ? [] : [name]));
/** The columns that a replay reads, where they are there. */
export const OPTIONAL_COLUMNS = READ.flatMap(({ name, nullable }) => (nullable ? [name] : []));

export function replayedField(name: string): FieldSpec {
  const field = FIELDS.get(name);
  if (field === undefined) throw new RangeError(`no field is named ${name}`);
  return field;
}

/**
 * The fields of a replay in a record of JSON, or of CSV where every value is a text and an empty one null.
 * @throws {Error} naming the field, its value and what is allowed
 */
export function replayedEvent(record: Readonly<Record<string, unknown>>): ReplayedEvent {
  const event: Record<string, string | number | null> = {};
  for (const field of READ) event[field.name] = valueOf(field, record[field.name]);
  return event as unknown as ReplayedEvent;
}

function valueOf({ name, type, nullable, values }: FieldSpec, value: unknown): string | number | null {
  if (value === undefined || value === null || (value === "" && (nullable || type !== "text"))) {
    if (nullable) return null;
    throw new Error(`${name} is empty; allowed: ${values === undefined ? `a ${type === "text" ? "text" : "number"}` : values.join(", ")}`);
  }
  if (type === "text") {
    if (typeof value !== "string" || (values !== undefined && !values.includes(value)))
      throw new Error(`${name} is ${shown(value)}; allowed: ${values?.join(", ") ?? "a text"}`);
    return value;
  }
  const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : Number.NaN;
  const isRight = type === "double" ? Number.isFinite(number) : Number.isSafeInteger(number);
  if (!isRight) throw new Error(`${name} is ${shown(value)}; allowed: ${type === "time" ? "milliseconds since 1970" : "a number"}`);
  return number;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 60);
}
