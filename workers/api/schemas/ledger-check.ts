import * as z from "zod";
import type { LedgerHead, LedgerMismatch } from "../../../src/signals/ledger.ts";
import type { FieldsOf } from "./fields-of.ts";

const head = z
  .object({
    sequence: z.int().meta({ description: "0 before the first record.", examples: [17] }),
    hash: z.string().meta({ examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"] }),
  } satisfies FieldsOf<LedgerHead>)
  .meta({ id: "LedgerHead", description: "The last record of a stretch of the ledger." });

const mismatch = z
  .object({
    sequence: z.int(),
    signal_id: z.string(),
    field: z.enum(["sequence", "previous_hash", "input_hash", "hash"]).meta({ description: "The field that shows it." }),
    expected: z.string(),
    found: z.string(),
  } satisfies FieldsOf<LedgerMismatch>)
  .meta({ id: "LedgerMismatch", description: "A record that does not fit the one before it, or its own hash." });

export const ledgerCheckSchema = z
  .object({
    valid: z.boolean().meta({ description: "Whether every record checked fits." }),
    checked: z.int().meta({ description: "Records that fit, one after the other.", examples: [17] }),
    head: head.meta({ description: "The last record that fits." }),
    first_mismatch: mismatch.nullable().meta({ description: "The first that does not; null where all do.", examples: [null] }),
    next: z
      .object({ after: z.int(), hash: z.string() })
      .nullable()
      .meta({ description: "The parameters that go on where this ended; null at the end of the ledger.", examples: [null] }),
  })
  .meta({ id: "LedgerCheck", description: "The chain of decisions recomputed." });
