import type { Problem } from "./connection.ts";

/**
 * What is to be done about a problem:
 * `row`: a row cannot be taken, whatever is tried; `key`, `schema`: a person has to act; `down`: try again.
 */
export type ProblemKind = "row" | "key" | "schema" | "down";

/** The migration that creates what a request needs. */
const MIGRATION_OF: Readonly<Record<string, string>> = {
  liquidation_events: "0001_liquidation_events.sql",
  liquidation_maintain_partitions: "0002_partitions.sql",
  liquidation_analytics: "0003_liquidation_analytics.sql",
  liquidation_signals: "0004_liquidation_signals.sql",
  liquidation_totals: "0005_totals.sql",
  liquidation_apply_retention: "0006_retention.sql",
  liquidation_set_impacts: "0008_impacts.sql",
};

/**
 * Undefined table, column, function; no key for the upsert. PGRST2xx: the same as PostgREST's schema cache says it.
 * https://docs.postgrest.org/en/stable/references/errors.html
 */
const SCHEMA_CODES: ReadonlySet<string> = new Set([
  "42P01",
  "42703",
  "42883",
  "42P10",
  "3F000",
  "PGRST200",
  "PGRST202",
  "PGRST204",
  "PGRST205",
  "PGRST106",
]);

/** Insufficient privilege; PGRST30x: the token cannot be read, is expired or has bad claims. */
const KEY_CODES: ReadonlySet<string> = new Set(["42501", "PGRST300", "PGRST301", "PGRST302", "PGRST303"]);

/** Data exceptions (22), broken constraints (23) and errors that a trigger raised (P0). */
const ROW_CODE = /^(22|23|P0)/;

export function problemKind({ status, code }: Problem): ProblemKind {
  if (status === 0 || status === 429 || status >= 500) return "down";
  if (SCHEMA_CODES.has(code) || status === 404) return "schema";
  if (KEY_CODES.has(code) || status === 401 || status === 403) return "key";
  return ROW_CODE.test(code) || status === 413 ? "row" : "down";
}

/**
 * The problem in words for the person who runs the collector; never shows the key.
 * @param target the table or function that was asked for
 */
export function describeProblem(problem: Problem, target: string): string {
  const said = [problem.status, problem.code, problem.message].filter((part) => part !== "" && part !== 0).join(" ");
  switch (problemKind(problem)) {
    case "row":
      return said;
    case "key":
      return `Supabase refuses SUPABASE_SECRET_KEY: it must be the project's secret (service role) key. It said: ${said}`;
    case "schema":
      return describeSchemaProblem(problem, target, said);
    case "down":
      if (problem.status === 0) return `Supabase does not answer: ${problem.message}`;
      // The hosted platform makes a database read-only when its disk is nearly full.
      if (problem.code === "25006")
        return `Supabase is read-only, mostly because its disk is full: free space or apply the retention. It said: ${said}`;
      return `Supabase failed: ${said}`;
  }
}

function describeSchemaProblem({ code }: Problem, target: string, said: string): string {
  const migration = MIGRATION_OF[target] ?? "the migrations";
  const isColumn = code === "42703" || code === "PGRST204";
  const what = isColumn
    ? `a column of ${target} is missing: apply ${migration} and all after it`
    : `${target} is missing: apply ${migration}`;
  // PostgREST 12 answers an unknown table with an empty 404, which a wrong address gives too.
  const otherwise = SCHEMA_CODES.has(code) ? "" : ", or SUPABASE_URL is not the address of a project";
  return `Supabase's schema is not up to date: ${what} with npm run supabase:migrate${otherwise}. It said: ${said}`;
}

/** A read or call of Supabase failed; the message is `describeProblem`'s. */
export class SupabaseError extends Error {
  override readonly name = "SupabaseError";
  readonly kind: ProblemKind;
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, target: string) {
    super(describeProblem(problem, target));
    this.kind = problemKind(problem);
    this.retryAfterMs = problem.retryAfterMs;
  }
}
