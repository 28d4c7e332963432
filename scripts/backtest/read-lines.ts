import { readFileSync } from "node:fs";
import * as z from "zod";
import type { RecordedSignal } from "../../src/backtest/analyst.ts";
import type { SymbolMark } from "../../src/backtest/mark-book.ts";
import { ACTIONS, ANALYSTS, type ReasonCode } from "../../src/signals/verdict.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { UsageError } from "./options.ts";

const recordSchema = z.object({
  signal_id: z.string(),
  minute: z.int(),
  symbol: z.string(),
  created_time: z.int(),
  action: z.enum(ACTIONS),
  confidence: z.number().min(0).max(100),
  reason: z.string(),
  reason_code: z
    .string()
    .nullable()
    .transform((code) => code as ReasonCode | null),
  invalidation: z.string().nullable(),
  analyst: z.enum(ANALYSTS),
  model: z.string().nullable(),
  prompt_version: z.string().nullable(),
});

const price = z.coerce.number().positive();
const markSchema = z.object({
  minute: z
    .union([z.number(), z.string().transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))])
    .refine((minute) => Number.isFinite(minute) && minute % MINUTE_MS === 0, "the start of a minute, in ms or ISO 8601"),
  symbol: z.string().min(1),
  open: price,
  high: price,
  low: price,
  close: price,
});

/**
 * The records in the file of a ledger.
 * @throws {UsageError} naming the first invalid line
 */
export function readRecordedLedger(path: string): readonly RecordedSignal[] {
  return lines(path).map(({ text, number }) => checked(`${path} line ${number}`, recordSchema, json(path, number, text)));
}

/**
 * The minutes in a file of marks.
 * @throws {UsageError} naming the first invalid line
 */
export function readMarks(path: string): readonly SymbolMark[] {
  const [first, ...rest] = lines(path);
  if (first === undefined || first.text.startsWith("{")) {
    return lines(path).map(({ text, number }) => checked(`${path} line ${number}`, markSchema, json(path, number, text)));
  }
  const names = first.text.split(",").map((name) => name.trim());
  return rest.map(({ text, number }) => {
    const cells = text.split(",").map((cell) => cell.trim());
    return checked(`${path} line ${number}`, markSchema, Object.fromEntries(names.map((name, index) => [name, cells[index]])));
  });
}

interface Line {
  readonly text: string;
  readonly number: number;
}

function lines(path: string): readonly Line[] {
  const all = readFileSync(path, "utf8").split("\n");
  return all.map((text, index) => ({ text: text.trim(), number: index + 1 })).filter(({ text }) => text !== "");
}

function json(path: string, number: number, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(`${path}: line ${number} is not valid JSON`);
  }
}

function checked<Schema extends z.ZodType>(where: string, schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UsageError(`${where}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not as expected"}`);
}
