import { readFileSync } from "node:fs";
import * as z from "zod";
import type { RecordedSignal } from "../../src/backtest/analyst.ts";
import { messageOf } from "../../src/message-of.ts";
import { ACTIONS, ANALYSTS, type ReasonCode } from "../../src/signals/verdict.ts";
import { textRecords } from "./sources/read-text.ts";
import { UsageError } from "./usage-error.ts";

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

/**
 * The records in the file of a ledger.
 * @throws {UsageError} naming the first invalid line
 */
export function readRecordedLedger(path: string): readonly RecordedSignal[] {
  try {
    return textRecords(readFileSync(path, "utf8"), "ndjson").map(({ place, record }) => {
      const result = recordSchema.safeParse(record);
      if (result.success) return result.data;
      const issue = result.error.issues[0];
      throw new Error(`${place}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not as expected"}`);
    });
  } catch (error) {
    throw new UsageError(`--ledger ${path}: ${messageOf(error)}`);
  }
}
