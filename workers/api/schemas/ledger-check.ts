import * as z from "zod";
import type { LedgerAnchor } from "../../../src/signals/ledger-anchor.ts";
import type { LedgerHead, LedgerMismatch } from "../../../src/signals/ledger.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const headFields = {
  sequence: z.int().meta({ description: "Sequence number of the record; 0 before the first one.", examples: [17] }),
  hash: z.string().meta({
    description: "Hash of the record; 64 zeros before the first one.",
    examples: ["5f2b9c1d0e7a48369b5d2f80c4e6a1937d1f0b8e2c5a4967f3e8d1b0a9c7e652"],
  }),
} satisfies FieldsOf<LedgerHead>;

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

export const ledgerCheckSchema = z
  .object({
    valid: z.boolean().meta({ description: "True where every checked record matches.", examples: [true] }),
    checked: z.int().meta({ description: "Number of consecutive records that match.", examples: [17] }),
    head: head.meta({ description: "Last record that matches." }),
    first_mismatch: mismatch.nullable().meta({ description: "First record that does not match; null where all do.", examples: [null] }),
    next: z
      .object({ after: z.int(), hash: z.string() })
      .nullable()
      .meta({ description: "Parameters to continue the check with; null at the end of the ledger.", examples: [null] }),
  })
  .meta({ id: "LedgerCheck", description: "Result of recomputing the hash chain of the ledger." });

export const ledgerAnchorSchema = z
  .object({
    date: z.iso.date().meta({ description: "UTC date that had ended.", examples: ["2026-11-20"] }),
    ...headFields,
    anchored_time: timeMs.meta({ description: "Time at which the anchor was made, milliseconds since 1970 UTC." }),
  } satisfies FieldsOf<LedgerAnchor>)
  .meta({
    id: "LedgerAnchor",
    description: "The last record of the ledger when a UTC day had ended. A ledger that does not contain it was cut or recomputed.",
  });
