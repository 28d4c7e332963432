import * as z from "zod";
import type { GradeMismatch } from "../../../src/grades/grade-ledger.ts";
import { HORIZON_NAMES } from "../../../src/grades/grade.ts";
import type { LedgerAnchor } from "../../../src/signals/ledger-anchor.ts";
import type { ChainHead } from "../../../src/signals/hash-chain.ts";
import type { LedgerMismatch } from "../../../src/signals/ledger.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const headFields = {
  sequence: z.int().meta({ description: "Sequence number of the record; 0 before the first one.", examples: [17] }),
  hash: z.string().meta({
    description: "Hash of the record; 64 zeros before the first one.",
    examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"],
  }),
} satisfies FieldsOf<ChainHead>;

const head = z.object(headFields).meta({ id: "LedgerHead", description: "The last record of a part of the ledger." });

const mismatch = z
  .object({
    sequence: z.int(),
    signal_id: z.string(),
    field: z.enum(["sequence", "previous_hash", "input_hash", "hash"]).meta({ description: "Field that does not match." }),
    expected: z.string(),
    found: z.string(),
  } satisfies FieldsOf<LedgerMismatch>)
  .meta({ id: "LedgerMismatch", description: "A record that does not match its own hash or the record before it." });

const gradeMismatch = z
  .object({
    sequence: z.int(),
    signal_id: z.string(),
    horizon: z.enum(HORIZON_NAMES),
    field: z.enum(["sequence", "previous_hash", "hash"]).meta({ description: "Field that does not match." }),
    expected: z.string(),
    found: z.string(),
  } satisfies FieldsOf<GradeMismatch>)
  .meta({ id: "GradeMismatch", description: "A grade that does not match its own hash or the grade before it." });

const result = <Mismatch extends z.ZodObject>(what: string, first: Mismatch) => ({
  valid: z.boolean().meta({ description: `True where every checked ${what} matches.`, examples: [true] }),
  checked: z.int().meta({ description: `Number of consecutive ${what}s that match.`, examples: [17] }),
  head: head.meta({ description: `Last ${what} that matches.` }),
  first_mismatch: first.nullable().meta({ description: `First ${what} that does not match; null where all do.`, examples: [null] }),
});

export const ledgerCheckSchema = z
  .object({
    ...result("record", mismatch),
    grades: z
      .object(result("grade", gradeMismatch))
      .meta({ id: "GradesCheck", description: "Result of recomputing the hash chain of grades." }),
    next: z
      .object({ after: z.int(), hash: z.string(), grades_after: z.int(), grades_hash: z.string() })
      .nullable()
      .meta({ description: "Parameters to continue the check with; null at the end of both chains.", examples: [null] }),
  })
  .meta({ id: "LedgerCheck", description: "Result of recomputing the hash chain of the ledger's decisions, and of grades beside it." });

export const ledgerAnchorSchema = z
  .object({
    date: z.iso.date().meta({ description: "UTC date that had ended.", examples: ["2026-11-20"] }),
    ...headFields,
    grades_sequence: z
      .int()
      .nullable()
      .meta({
        description: "Sequence number of the last grade; 0 before the first one, null in anchors from before grades were chained.",
        examples: [81],
      }),
    grades_hash: z
      .string()
      .nullable()
      .meta({
        description: "Hash of the last grade; 64 zeros before the first one, null in anchors from before grades were chained.",
        examples: ["9c1d5f2b0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"],
      }),
    anchored_time: timeMs.meta({ description: "Time at which the anchor was made, milliseconds since 1970 UTC." }),
  } satisfies FieldsOf<LedgerAnchor>)
  .meta({
    id: "LedgerAnchor",
    description:
      "The last decision and the last grade of the ledger when a UTC day had ended. A ledger that does not contain them was cut or recomputed.",
  });
