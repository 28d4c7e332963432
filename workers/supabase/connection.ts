import { createClient } from "@supabase/supabase-js";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Config } from "../../src/config.ts";
import { retryAfterMs } from "../../src/retry-after.ts";

/** Maximum wait for one response. */
export const REQUEST_TIMEOUT_MS = 15_000;

/** The result of a request: the body, or the problem that Supabase reported. */
export type Answer = { readonly kind: "done"; readonly data: unknown } | { readonly kind: "problem"; readonly problem: Problem };

export interface Problem {
  /** HTTP status, 0 without a response. */
  readonly status: number;
  /** Code of PostgREST or Postgres, empty without one. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
}

/** The variables that Supabase needs and that are not set. */
export function missingVariables(config: Pick<Config, "SUPABASE_URL" | "SUPABASE_SECRET_KEY">): readonly string[] {
  const names: string[] = [];
  if (config.SUPABASE_URL === undefined) names.push("SUPABASE_URL");
  if (config.SUPABASE_SECRET_KEY === null) names.push("SUPABASE_SECRET_KEY");
  return names;
}

/** Supabase is needed but not configured. The API turns this into a 501 that names the variables. */
export class SupabaseOffError extends Error {
  override readonly name = "SupabaseOffError";
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(`Supabase is off: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`);
    this.missing = missing;
  }
}

/** New-style keys are not JWTs: Supabase rejects them as a bearer token, so they are sent only as `apikey`. */
const isNewStyleKey = (key: string): boolean => key.startsWith("sb_");

type Query = (client: SupabaseClient) => PromiseLike<{ readonly data: unknown; readonly error: unknown }>;

/**
 * Sends one request to Supabase and waits for the response.
 * @throws {SupabaseOffError} where the URL or the key is not set
 */
export async function callSupabase(config: Config, query: Query, timeoutMs: number = REQUEST_TIMEOUT_MS): Promise<Answer> {
  const { SUPABASE_URL: url, SUPABASE_SECRET_KEY: key } = config;
  if (url === undefined || key === null) throw new SupabaseOffError(missingVariables(config));
  let response: Response | null = null;
  const client = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // The caller retries: it waits as long as the response asks for and keeps its progress.
    db: { timeout: timeoutMs, retry: false },
    global: {
      async fetch(input, init) {
        const headers = new Headers(init?.headers);
        if (isNewStyleKey(key)) headers.delete("authorization");
        // Following a redirect would turn the POST into a GET, and its 200 would look like success.
        response = await fetch(input, { ...init, headers, redirect: "manual" });
        return response;
      },
    },
  });
  const { data, error } = await query(client);
  const answer = readAnswer(response, data, error, key);
  if (answer.kind === "done" || answer.problem.status !== 0 || !answer.problem.message.startsWith("AbortError")) return answer;
  return { kind: "problem", problem: { ...answer.problem, message: `no response within ${timeoutMs / 1000} s` } };
}

/** supabase-js turns a 404 with an empty body into a success, so the response itself decides. */
function readAnswer(response: Response | null, data: unknown, error: unknown, key: string): Answer {
  if (response?.ok === true && error === null) return { kind: "done", data };
  const said: Readonly<Record<string, unknown>> = typeof error === "object" && error !== null ? { ...error } : {};
  const text = [said["message"], response === null ? null : said["details"]].filter((part) => typeof part === "string" && part !== "");
  const problem: Problem = {
    status: response?.status ?? 0,
    code: typeof said["code"] === "string" ? said["code"] : "",
    message: text.join("; ").replaceAll(key, "(key)").slice(0, 500),
    retryAfterMs: retryAfterMs(response?.headers.get("retry-after") ?? null, Date.now()),
  };
  return { kind: "problem", problem };
}
