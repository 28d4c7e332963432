import * as z from "zod";
import { ACTIONS, type ReasonCode, type Verdict, failedVerdict } from "./verdict.ts";

const MAX_TEXT = 240;
/**
 * Lone surrogates, which no store returns unchanged, so that the record's hash would never match again; and control
 * characters, which Postgres rejects (NUL) or which do not fit a line of text.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const text = z
  .string()
  // A line break in a sentence says nothing: it is no reason to lose a decision.
  .transform((value) => value.replaceAll(/[\t\r\n]+/g, " ").trim())
  .pipe(
    z
      .string()
      .min(1)
      .max(MAX_TEXT)
      .refine((value) => !UNPRINTABLE.test(value), "must hold no control characters and no halves of surrogate pairs"),
  );

/** The expected reply. Anything with other fields or values is rejected. */
const replySchema = z.strictObject({
  action: z.enum(ACTIONS),
  confidence: z.number().min(0).max(100),
  reason: text,
  invalidation: text.nullish(),
});

/** The parts of a chat completion that are read: https://api-docs.deepseek.com/api/create-chat-completion */
const completionSchema = z.object({
  choices: z.array(z.object({ finish_reason: z.string(), message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z.object({ total_tokens: z.number().int().nonnegative() }).nullish(),
});

export interface ModelReply {
  readonly verdict: Verdict;
  /** Null where the response does not state it. */
  readonly tokens: number | null;
}

/** The verdict in a chat completion. Its text is untrusted data: it fits the schema or is rejected. */
export function readModelReply(completion: unknown): ModelReply {
  const answer = completionSchema.safeParse(completion);
  const choice = answer.data?.choices[0];
  if (choice === undefined) return { verdict: failedVerdict("parse_error"), tokens: null };
  return { verdict: verdictOf(choice.finish_reason, choice.message.content ?? ""), tokens: answer.data?.usage?.total_tokens ?? null };
}

function verdictOf(finishReason: string, content: string): Verdict {
  if (finishReason === "length") return failedVerdict("truncated");
  if (finishReason !== "stop") return failedVerdict("unfinished");
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    // Prose, a code fence or a truncated object is not valid.
    return failedVerdict("parse_error");
  }
  const reply = replySchema.safeParse(json);
  if (!reply.success) return failedVerdict("schema_error" satisfies ReasonCode);
  const { action, confidence, reason, invalidation } = reply.data;
  return { action, confidence, reason, reason_code: null, invalidation: invalidation ?? null };
}
