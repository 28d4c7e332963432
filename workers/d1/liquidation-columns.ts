import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS, type FieldSpec } from "../../src/liquidation-fields.ts";

const FIELDS: readonly FieldSpec[] = LIQUIDATION_FIELDS;

/** The columns of `liquidations`, in the order in which `rowJson` gives their values. */
export const LIQUIDATION_COLUMNS: readonly string[] = FIELDS.map((field) => field.name);

const valuesOf = (row: Liquidation): readonly unknown[] => {
  const record: Readonly<Record<string, unknown>> = row;
  return LIQUIDATION_COLUMNS.map((name) => record[name]);
};

/** A row as a JSON array of its columns' values. */
export function rowJson(row: Liquidation): string {
  return JSON.stringify(valuesOf(row));
}

/** Why the table cannot take a row, or null where it can. JSON would turn a NaN into null and lose that it was one. */
export function refusalOf(row: Liquidation): string | null {
  const values = valuesOf(row);
  for (const [index, field] of FIELDS.entries()) {
    const value = values[index];
    if (!fits(field, value)) return `${field.name} is ${String(value)}, not ${field.type}${field.nullable ? " or null" : ""}`;
  }
  return null;
}

function fits(field: FieldSpec, value: unknown): boolean {
  if (value === null) return field.nullable;
  switch (field.type) {
    case "text":
      return typeof value === "string";
    case "double":
      return Number.isFinite(value);
    case "time":
    case "int32":
    case "int64":
      return Number.isSafeInteger(value);
  }
}
