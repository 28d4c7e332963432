import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";

/** The columns of `liquidations`, in the order of the values of `rowJson`. */
export const LIQUIDATION_COLUMNS: readonly string[] = LIQUIDATION_FIELDS.map((field) => field.name);

/** A row as a JSON array of its column values. */
export function rowJson(row: Liquidation): string {
  return JSON.stringify(LIQUIDATION_FIELDS.map(({ name }) => row[name]));
}
