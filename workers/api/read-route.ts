import type * as z from "zod";
import type { Gap } from "../../src/gap.ts";
import type { Coverage } from "../../src/liquidation.ts";
import type { ApiContext } from "./api-env.ts";
import { type ParameterError, badParameters } from "./problem.ts";

/** What a route answers; the request's id is added. */
export interface Answer {
  readonly data: unknown;
  readonly meta: {
    /** Items in `data`, where it is a list. */
    readonly count?: number;
    readonly next_cursor?: string | null;
    /** What each venue's feed carries of that venue's liquidations. */
    readonly coverage: Readonly<Record<string, Coverage>>;
    /** Stretches inside the range in which a venue was not heard. */
    readonly gaps: readonly Gap[];
    /** True where there are more gaps than are listed; the oldest are left out. */
    readonly gaps_truncated?: boolean;
    /** The part of the range asked for that is not answered, and why. */
    readonly not_covered?: NotCovered | null;
  };
}

export interface NotCovered {
  readonly start: number;
  readonly end: number;
  readonly code: ArchiveGap;
  readonly detail: string;
}

/** Why a stretch is not answered: the archive is off, keeps nothing as old, or has yet to be sent some of it. */
export type ArchiveGap = "archive_off" | "archive_expired" | "archive_behind";

/** A route that reads: its path, the parameters it takes and what it does with them. */
export interface ReadRoute {
  readonly path: string;
  readonly query: z.ZodType;
  answer(c: ApiContext): Promise<Answer>;
}

/** Binds a route's schema to its function: unknown, repeated and bad parameters never reach it. */
export function readRoute<Query>(route: {
  readonly path: string;
  readonly query: z.ZodType<Query>;
  readonly answer: (c: ApiContext, query: Query) => Promise<Answer>;
}): ReadRoute {
  return { path: route.path, query: route.query, answer: (c) => route.answer(c, readQuery(c, route.query)) };
}

/** The parameters of the address, read by a schema. */
export function readQuery<Query>(c: ApiContext, schema: z.ZodType<Query>): Query {
  const { searchParams } = new URL(c.req.url);
  const names = [...new Set(searchParams.keys())];
  const repeated = names.filter((parameter) => searchParams.getAll(parameter).length > 1);
  const result = schema.safeParse(Object.fromEntries(searchParams));
  const errors = [
    ...repeated.map((parameter) => ({ parameter, detail: "given more than once" })),
    ...(result.success ? [] : result.error.issues.flatMap(parameterErrors)),
  ];
  if (errors.length > 0 || !result.success) throw badParameters(errors);
  return result.data;
}

/** What is wrong with a parameter, in the words of the schema. */
export function parameterErrors(issue: z.core.$ZodIssue): readonly ParameterError[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((parameter) => ({ parameter, detail: "not a parameter of this route" }));
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [{ parameter: String(issue.path[0]), detail: missing ? "required" : issue.message }];
}

/** The answer as JSON, with the request's id. */
export function jsonAnswer(c: ApiContext, { data, meta }: Answer): Response {
  return c.json({ data, meta: { request_id: c.get("requestId"), count: meta.count ?? 1, next_cursor: null, ...meta } });
}
