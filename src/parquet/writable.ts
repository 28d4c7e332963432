import type { Liquidation } from "../liquidation.ts";
import type { FieldSpec, FieldType } from "../liquidation-fields.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";

/** Dates of the years 1970 to 9999 have one spelling everywhere. */
const END_OF_TIME = Date.UTC(10_000, 0);

/**
 * Which values a column takes. NaN, the infinities, fractions and overflows of whole numbers are no values: in a
 * nullable field they are written as null, in another they make the row unwritable.
 */
export function fits(type: FieldType, value: unknown): value is string | number {
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

/** Why the row cannot be written, or null where it can. */
export function unwritableReason(row: Liquidation): string | null {
  const fields: readonly (FieldSpec & { readonly name: keyof Liquidation })[] = LIQUIDATION_FIELDS;
  const bad = fields.find((field) => !field.nullable && !fits(field.type, row[field.name]));
  return bad === undefined ? null : reason(row, bad);
}

function reason(row: Liquidation, field: FieldSpec & { readonly name: keyof Liquidation }): string {
  return `${field.name} is ${String(row[field.name])}, which is no ${field.type}`;
}

/** A row whose field that may not be null has no value of its type. */
export class UnwritableRowError extends Error {
  override readonly name = "UnwritableRowError";

  constructor(row: Liquidation, field: FieldSpec & { readonly name: keyof Liquidation }) {
    super(`${row.event_id}: ${reason(row, field)}`);
  }
}
