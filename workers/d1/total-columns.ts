import type { Totals } from "../../src/windows/totals.ts";

/** The columns of `minute_totals` and `hour_totals`, except their key. */
export const TOTAL_COLUMNS = [
  "events",
  "events_without_usd",
  "events_without_notional_mark",
  "usd",
  "notional_mark_usd",
  "quantity",
  "max_usd",
] as const satisfies readonly (keyof Totals)[];

/** The assignments of an upsert that replaces old totals with new ones. */
export const replaceTotals = TOTAL_COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ");

/** Adds rows of totals: a sum is null only where every part is null. */
export const sumTotals = TOTAL_COLUMNS.map((name) => `${name === "max_usd" ? "max" : "sum"}(${name}) AS ${name}`).join(", ");
