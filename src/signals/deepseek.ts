import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { fullJitter } from "../backoff.ts";
import { ResponseTooLongError, boundedFetch } from "../bounded-fetch.ts";
import { retryAfterMs } from "../retry-after.ts";
import { type ModelReply, readModelReply } from "./model-reply.ts";
import type { Prompt } from "./prompt.ts";
import type { ReasonCode } from "./verdict.ts";

export interface DeepseekSettings {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Timeout of one attempt, including its body. */
  readonly timeoutMs: number;
}

/** The dependencies of a request. */
export interface DeepseekDependencies {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export type DeepseekAnswer = ModelReply & { readonly attempts: number };

export const DEEPSEEK_TIMEOUT_MS = 20_000;
const MAX_RETRIES = 2;
const BACKOFF = { baseMs: 1_000, capMs: 4_000 };
/** A reply has about 1 kB; one beyond this is cut off. */
const MAX_REPLY_BYTES = 64 * 1024;
/** If the server asks for a longer wait than this, there is no retry: the moment would be over. */
const MAX_WAIT_MS = 20_000;

/**
 * Sends a request to the model, with at most two retries after 429 or 5xx. It never throws: any failure becomes
 * a reason code.
 */
export async function askDeepseek(prompt: Prompt, settings: DeepseekSettings, deps: DeepseekDependencies): Promise<DeepseekAnswer> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { ...readModelReply(await complete(prompt, settings, deps)), attempts };
    } catch (error) {
      const wait = attempts > MAX_RETRIES ? null : retryWait(error, attempts, deps);
      if (wait === null) return { forecast: null, code: reasonCode(error), tokens: null, attempts };
      await deps.sleep(wait);
    }
  }
}

function complete(prompt: Prompt, settings: DeepseekSettings, deps: DeepseekDependencies): Promise<unknown> {
  // The retries of the package are off, because they would hide the number of requests.
  const send = boundedFetch(deps.fetch, MAX_REPLY_BYTES);
  const client = new OpenAI({ baseURL: settings.baseUrl, apiKey: settings.apiKey, fetch: send, maxRetries: 0, logLevel: "off" });
  const body = {
    model: settings.model,
    messages: [
      { role: "system" as const, content: prompt.system },
      { role: "user" as const, content: prompt.user },
    ],
    temperature: settings.temperature,
    max_tokens: settings.maxTokens,
    response_format: { type: "json_object" as const },
    // Thinking is on by default, and its tokens count against max_tokens:
    // https://api-docs.deepseek.com/guides/thinking_mode
    thinking: { type: "disabled" as const },
  };
  return client.chat.completions.create(body, { timeout: settings.timeoutMs, signal: AbortSignal.timeout(settings.timeoutMs) });
}

/** The wait before the next attempt, ms; null where another attempt is pointless. */
function retryWait(error: unknown, failures: number, { now, random }: DeepseekDependencies): number | null {
  if (!(error instanceof APIError) || error.status === undefined) return null;
  if (error.status !== 429 && error.status < 500) return null;
  const headers: unknown = error.headers;
  const asked = retryAfterMs(headers instanceof Headers ? headers.get("retry-after") : null, now());
  const wait = asked ?? fullJitter(failures, BACKOFF, random);
  return wait > MAX_WAIT_MS ? null : wait;
}

function reasonCode(error: unknown): ReasonCode {
  if (error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError) return "timeout";
  if (error instanceof APIConnectionError) return "network";
  if (error instanceof APIError && error.status !== undefined) return `http_${error.status}`;
  if (error instanceof ResponseTooLongError) return "too_long";
  // A body that is not the JSON that its type promises.
  if (error instanceof SyntaxError) return "parse_error";
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) return "timeout";
  return "network";
}
