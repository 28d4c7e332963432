import * as z from "zod";
import type { SymbolMark } from "../../../src/backtest/mark-book.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { TextRecord } from "./read-text.ts";

/** The columns that make a file one of minute marks. */
export const MARK_COLUMNS = ["minute", "symbol", "open", "high", "low", "close"] as const;

/** Empty in CSV, and absent in files of the least columns. */
const known = z.preprocess((value) => (value === "" || value === undefined ? null : value), z.coerce.number().nullable());
const price = z.coerce.number().positive();
const markSchema = z.object({
  minute: z
    .union([z.number(), z.string().transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))])
    .refine((minute) => Number.isFinite(minute) && minute % MINUTE_MS === 0, "the start of a minute, in ms or ISO 8601"),
  symbol: z.string().min(1),
  exchange: z.enum(EXCHANGES).optional(),
  open: price,
  high: price,
  low: price,
  close: price,
  samples: z.coerce.number().int().positive().optional(),
  spread_bps: known,
  volume_usd: known,
  funding_rate: known,
  funding_interval_hours: known,
  index_price: known,
  open_interest_usd: known,
});

export function areMarkColumns(names: ReadonlySet<string>): boolean {
  return MARK_COLUMNS.every((name) => names.has(name));
}

/**
 * The minute marks in records of CSV or JSON.
 * @throws {Error} naming the first record that is none, and what is wrong with it
 */
export function marksIn(records: readonly TextRecord[]): readonly SymbolMark[] {
  return records.map(({ place, record }) => {
    const result = markSchema.safeParse(record);
    if (result.success) return markOf(result.data);
    const issue = result.error.issues[0];
    throw new Error(`${place}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is no minute mark"}`);
  });
}

function markOf({ exchange, samples, ...mark }: z.output<typeof markSchema>): SymbolMark {
  return { ...mark, ...(exchange === undefined ? {} : { exchange }), ...(samples === undefined ? {} : { samples }) };
}
