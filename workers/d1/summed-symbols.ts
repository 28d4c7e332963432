/** Tables whose keys begin with the base asset. */
export type SummedTable = "minute_totals" | "hour_totals" | "day_totals";

/**
 * Every base asset with totals, as a FROM clause with the column `summed_symbol`: the keys of these tables begin with the base
 * asset, so a condition on the time alone would read every row. Each is found by a step from the one before.
 */
export function summedSymbols(table: SummedTable): string {
  return `
    (WITH RECURSIVE summed(summed_symbol) AS (
       SELECT min(symbol) FROM ${table}
       UNION ALL
       SELECT (SELECT min(symbol) FROM ${table} WHERE symbol > summed_symbol) FROM summed WHERE summed_symbol IS NOT NULL
     ) SELECT summed_symbol FROM summed WHERE summed_symbol IS NOT NULL)`;
}

/** The rows of all base assets, as a FROM clause for a condition on the time. */
export function rowsBySymbol(table: SummedTable): string {
  return `${summedSymbols(table)} CROSS JOIN ${table} ON symbol = summed_symbol`;
}
