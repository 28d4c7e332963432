import * as z from "zod";
import type { PriceForecast } from "./price-forecast.ts";
import { MAX_REASON } from "./prompt.ts";
import type { ReasonCode } from "./verdict.ts";

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
      .refine((value) => !UNPRINTABLE.test(value), "must hold no control characters and no halves of surrogate pairs"),
  )
  .transform((value) => cutAtWord(value, MAX_REASON));

/** The expected reply. Other fields are ignored: no meaning of these depends on them. */
const replySchema = z.object({ p_up: z.unknown(), p_down: z.unknown(), reason: text, invalidation: text.nullish() });

/** The parts of a chat completion that are read: https://api-docs.deepseek.com/api/create-chat-completion */
const completionSchema = z.object({
  choices: z.array(z.object({ finish_reason: z.string(), message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z.object({ total_tokens: z.number().int().nonnegative() }).nullish(),
});

/** A forecast, or the reason why a reply holds none. */
export type ReadForecast =
  | { readonly forecast: PriceForecast; readonly code: null }
  | { readonly forecast: null; readonly code: ReasonCode };

export type ModelReply = ReadForecast & {
  /** Null where the response does not state it. */
  readonly tokens: number | null;
};

/**
 * The forecast in a chat completion. Its text is untrusted data. It is read leniently where its meaning is certain, and
 * rejected with a reason otherwise.
 */
export function readModelReply(completion: unknown): ModelReply {
  const answer = completionSchema.safeParse(completion);
  const choice = answer.data?.choices[0];
  if (choice === undefined) return { ...refused("parse_error"), tokens: null };
  return { ...forecastIn(choice.finish_reason, choice.message.content ?? ""), tokens: answer.data?.usage?.total_tokens ?? null };
}

function forecastIn(finishReason: string, content: string): ReadForecast {
  if (finishReason === "length") return refused("truncated");
  if (finishReason !== "stop") return refused("unfinished");
  const json = jsonIn(content);
  if (json === undefined) return refused("parse_error");
  const reply = replySchema.safeParse(json);
  if (!reply.success) return refused("schema_error");
  const { reason, invalidation } = reply.data;
  const odds = oddsOf(reply.data.p_up, reply.data.p_down);
  if (odds === null) return refused("schema_error");
  const [up, down] = odds;
  if (up + down > 1 + TOLERANCE) return refused("contradictory");
  if (up === 1 || down === 1 || up + down === 0) return refused("certain");
  return { forecast: { p_up: up, p_down: down, reason, invalidation: invalidation ?? null }, code: null };
}

/** Two probabilities with two decimals each may exceed 1 by rounding. */
const TOLERANCE = 0.02;

function refused(code: ReasonCode): ReadForecast {
  return { forecast: null, code };
}

/** The JSON of a reply, also inside a code fence or other text; undefined where there is none, or more than one. */
function jsonIn(content: string): unknown {
  for (const candidate of [content, content.slice(content.indexOf("{"), content.lastIndexOf("}") + 1)]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next candidate, or none.
    }
  }
  return undefined;
}

interface Stated {
  readonly value: number;
  readonly isPercent: boolean;
}

const PERCENT = 100;
const STATED = /^(\d{1,3}(?:\.\d{1,9})?)\s*(%?)$/;

/** A number, or the text of one such as "0.72" and "72 %"; null where it is neither. */
function statedIn(value: unknown): Stated | null {
  if (typeof value === "number") return value >= 0 && value <= PERCENT ? { value: Math.abs(value), isPercent: false } : null;
  const [, digits, sign] = (typeof value === "string" ? STATED.exec(value.trim()) : null) ?? [];
  return digits === undefined ? null : { value: Number(digits), isPercent: sign === "%" };
}

/**
 * Both probabilities, 0 to 1; null where what they mean is not certain. Without a sign, two whole numbers of which one is
 * above 1 can only be percent; a 1.5 beside a 0.2 could be anything.
 */
function oddsOf(up: unknown, down: unknown): readonly [number, number] | null {
  const stated = [statedIn(up), statedIn(down)] as const;
  if (stated[0] === null || stated[1] === null) return null;
  const bare = stated.filter((one) => one?.isPercent === false);
  const arePercent = bare.length === 2 && bare.every((one) => Number.isInteger(one?.value)) && bare.some((one) => (one?.value ?? 0) > 1);
  const [first, second] = [stated[0], stated[1]].map(({ value, isPercent }) => (isPercent || arePercent ? value / PERCENT : value));
  return first === undefined || second === undefined || first > 1 || second > 1 ? null : [first, second];
}

/** The text up to a length in UTF-16 units, without half a word; a single word that is longer is cut between characters. */
function cutAtWord(value: string, length: number): string {
  if (value.length <= length) return value;
  const end = value.slice(0, length + 1).lastIndexOf(" ");
  return end > 0 ? value.slice(0, end).trimEnd() : value.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
