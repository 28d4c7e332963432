import type { Liquidation } from "../../src/liquidation.ts";
import { EXCHANGES, LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import { table } from "../table.ts";

/** Per nullable field the share of rows that have a value, by venue: what a buyer asks first. */
export function fieldShares(rows: readonly Liquidation[]): string {
  const venues = EXCHANGES.filter((name) => rows.some(({ exchange }) => exchange === name));
  const shares = LIQUIDATION_FIELDS.filter(({ nullable }) => nullable).map(({ name }) => [
    name,
    ...venues.map((venue) => {
      const own = rows.filter(({ exchange }) => exchange === venue);
      return `${Math.round((100 * own.filter((row) => row[name] !== null).length) / own.length)}%`;
    }),
  ]);
  return table(["field, share of rows with a value", ...venues], shares);
}
