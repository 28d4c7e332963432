import { csvHeader, csvValue } from "../../../../src/exports/csv.ts";
import { LIQUIDATION_FIELDS } from "../../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../api/schema.ts";

/** Liquidations as CSV with all their fields, in the form of the exports. */
export function eventsCsv(events: readonly Liquidation[]): string {
  const names = LIQUIDATION_FIELDS.map(({ name }) => name);
  const rows = events.map((event) => `${names.map((name) => csvValue(event[name] ?? null)).join(",")}\r\n`);
  return csvHeader(names) + rows.join("");
}
