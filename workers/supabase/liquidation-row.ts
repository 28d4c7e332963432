import { restoreLiquidation } from "../../src/complete-liquidation.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import type { TableRow } from "./upsert.ts";

const TIME_FIELDS: ReadonlySet<string> = new Set(LIQUIDATION_FIELDS.filter((field) => field.type === "time").map((field) => field.name));

/** The columns to select, so that a column added by a later migration does not appear in results. */
export const LIQUIDATION_SELECT = LIQUIDATION_FIELDS.map((field) => field.name).join(",");

/** A liquidation as a row of `liquidation_events`, with times as ISO 8601 texts. */
export function toRow(liquidation: Liquidation): TableRow {
  return Object.fromEntries(
    Object.entries(liquidation).map(([name, value]) => [name, TIME_FIELDS.has(name) ? new Date(Number(value)).toISOString() : value]),
  );
}

/** The liquidation of a row of `liquidation_events`. */
export function fromRow(row: TableRow): Liquidation {
  return restoreLiquidation(
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, TIME_FIELDS.has(name) ? Date.parse(String(value)) : value])),
  );
}
