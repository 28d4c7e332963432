import type { Problem } from "./connection.ts";

/**
 * The remedy of a problem. `row`: none, the store will never accept the row. `key`, `schema`: a person has to act.
 * `down`: try again.
 */
export type ProblemKind = "row" | "key" | "schema" | "down";

/** The migration that creates the target of a request. */
const MIGRATION_OF: Readonly<Record<string, string>> = {
  liquidation_events: "0001_liquidation_events.sql",
  liquidation_maintain_partitions: "0002_partitions.sql",
  liquidation_analytics: "0003_liquidation_analytics.sql",
  liquidation_signals: "0004_liquidation_signals.sql",
  liquidation_totals: "0005_totals.sql",
  liquidation_apply_retention: "0006_retention.sql",
  liquidation_set_impacts: "0008_impacts.sql",
  liquidation_ledger_anchors: "0014_ledger_anchors.sql",
  liquidation_signal_grades: "0016_signal_grades.sql",
};

/**
 * Undefined table, column or function, and a missing key for the upsert. PGRST2xx are PostgREST's codes for the same.
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

/** Insufficient privilege. PGRST30x: the token is unreadable, expired or has invalid claims. */
const KEY_CODES: ReadonlySet<string> = new Set(["42501", "PGRST300", "PGRST301", "PGRST302", "PGRST303"]);

/** Data exceptions (22), constraint violations (23), values beyond a limit (54) and errors raised by triggers (P0). */
const ROW_CODE = /^(22|23|54|P0)/;

export function problemKind({ status, code }: Problem): ProblemKind {
  // Before the status: PostgREST answers 500 to a value beyond a limit of Postgres.
  if (ROW_CODE.test(code)) return "row";
  if (status === 0 || status === 429 || status >= 500) return "down";
  if (SCHEMA_CODES.has(code) || status === 404) return "schema";
  if (KEY_CODES.has(code) || status === 401 || status === 403) return "key";
  return status === 413 ? "row" : "down";
}

/**
 * Describes a problem to the operator, without the key.
 * @param target the table or function of the request
 */
export function describeProblem(problem: Problem, target: string): string {
  const said = [problem.status, problem.code, problem.message].filter((part) => part !== "" && part !== 0).join(" ");
  switch (problemKind(problem)) {
    case "row":
      return said;
    case "key":
      return `Supabase rejects SUPABASE_SECRET_KEY: it must be the project's secret (service role) key. Response: ${said}`;
    case "schema":
      return describeSchemaProblem(problem, target, said);
    case "down":
      if (problem.status === 0) return `Supabase does not respond: ${problem.message}`;
      // The hosted platform makes a database read-only when its disk is nearly full.
      if (problem.code === "25006")
        return `Supabase is read-only, probably because its disk is full: free space or apply the retention. Response: ${said}`;
      return `Supabase failed: ${said}`;
  }
}

function describeSchemaProblem({ code }: Problem, target: string, said: string): string {
  const migration = MIGRATION_OF[target] ?? "the migrations";
  const isColumn = code === "42703" || code === "PGRST204";
  const what = isColumn
    ? `a column of ${target} is missing: apply ${migration} and all migrations after it`
    : `${target} is missing: apply ${migration}`;
  // PostgREST 12 returns an empty 404 for an unknown table, and so does a wrong URL.
  const otherwise = SCHEMA_CODES.has(code) ? "" : ", or SUPABASE_URL is not the URL of a project";
  return `Supabase's schema is not up to date: ${what} with npm run supabase:migrate${otherwise}. Response: ${said}`;
}

/** A failed request to Supabase, with the message of `describeProblem`. */
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
