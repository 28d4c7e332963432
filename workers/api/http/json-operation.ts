import * as z from "zod";
import type { Access } from "../../access/caller.ts";
import type { ApiContext } from "./api-env.ts";
import { ifNoneMatch } from "./entity-tag.ts";
import type { Example, GivenParameters, HeaderName, Method, Operation, Success, Tag } from "./operation.ts";
import type { ProblemCode } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { readHeaders, readParams, readQuery, readValues } from "./read-parameters.ts";
import { type Answer, answerBody, bodyOf, computedAnswer, conditionalResponse, envelope } from "./answer.ts";
import type { ComputedAnswer } from "./answer-cache.ts";
import { keptAnswer } from "./kept-answer.ts";
import { chargeCost } from "./rate-limit.ts";
import { rowBudget } from "../../d1/row-meter.ts";
import { writeLog } from "../../../src/log.ts";

const idempotencyHeaders = z.object({
  "Idempotency-Key": z
    .string()
    .regex(/^[\x21-\x7E]{1,200}$/, "must be 1 to 200 visible ASCII characters")
    .optional()
    .meta({
      description:
        "Key for safe retries: within 24 h the same key and body return the same response without repeating the action. The same key with a different body is a 422.",
    }),
});

const conditionalHeaders = z.object({ "If-None-Match": ifNoneMatch });
/** The headers of a read: its version, and how old it is where it may be kept. */
function readHeaderNames(isKept: boolean): readonly HeaderName[] {
  return ["ETag", ...(isKept ? (["Age"] as const) : [])];
}

function unchanged(isKept: boolean): Success {
  return {
    status: 304,
    description: "The resource is unchanged since the version in `If-None-Match`.",
    content: {},
    headers: readHeaderNames(isKept),
  };
}

const none = z.strictObject({});
type None = typeof none;

interface Asked<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  /** The header `Idempotency-Key`; null where the request has none. */
  readonly idempotencyKey: string | null;
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
}

/** An operation with a request that schemas validate and a response of the form `{ data, meta }`. */
interface JsonOperation<Data, Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method?: Method;
  readonly path: string;
  readonly access?: Access;
  readonly needs?: Access | "key";
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  /** Whether the request may carry `Idempotency-Key`. */
  readonly idempotent?: boolean;
  readonly body?: Body;
  /** The schema of `data` in the response. */
  readonly data: z.ZodType<Data>;
  readonly status?: 200 | 201 | 202;
  readonly answered?: string;
  readonly answerHeaders?: readonly HeaderName[];
  readonly problems?: readonly ProblemCode[];
  readonly example?: Example;
  /** Number of requests that an answer counts as against the limits per minute, unless it comes from the cache. Default: 1. */
  readonly cost?: number;
  /**
   * How long an answer may be kept, 5 to 60 s. Only for answers that are the same for every caller who may ask: they must not
   * depend on who that is.
   */
  readonly cacheSeconds?: number;
  readonly answer: (c: ApiContext, asked: Asked<Params, Query, Body>) => Promise<Answer<Frozen<Data>>>;
}

/** A deeply immutable value. */
export type Frozen<Value> = Value extends object ? { readonly [Name in keyof Value]: Frozen<Value[Name]> } : Value;

/** Binds schemas to a function, so that unknown, repeated and invalid parameters never reach it. */
export function jsonOperation<
  Data,
  Params extends z.ZodObject = None,
  Query extends z.ZodObject = None,
  Body extends z.ZodType = z.ZodUndefined,
>(route: JsonOperation<Data, Params, Query, Body>): Operation {
  const { path, method = "GET", access = "read", status = 200 } = route;
  const params = route.params ?? none;
  const query = route.query ?? none;
  const body = route.body ?? null;
  const isRead = method === "GET";
  const { cost = 1, cacheSeconds } = route;
  const isKept = cacheSeconds !== undefined;
  if (isKept && (!isRead || (access !== "read" && access !== "open"))) throw new RangeError(`${route.id}: only public reads are kept`);
  const read = async (c: ApiContext, asked: Asked<Params, Query, Body>): Promise<ComputedAnswer> => {
    const compute = async () => {
      await chargeCost(c, cost);
      const found = await route.answer(c, asked);
      logExcess(c, route.id, found);
      return computedAnswer(c, found);
    };
    if (!isKept) return compute();
    return keptAnswer(c, { operation: route.id, asked: [asked.params, asked.query], seconds: cacheSeconds }, compute);
  };
  const answer = async (c: ApiContext, given: GivenParameters) => {
    const parameters = { params: readValues(params, given.params), query: readValues(query, given.query) };
    return bodyOf(c, await read(c, { idempotencyKey: null, body: undefined, ...parameters } as Asked<Params, Query, Body>), isKept);
  };
  const answerToBody = async (c: ApiContext, given: unknown) => {
    const asked = { idempotencyKey: null, params: {}, query: {}, body: readValues(body ?? none, given) };
    await chargeCost(c, cost);
    return answerBody(c, await route.answer(c, asked as Asked<Params, Query, Body>));
  };
  return {
    method,
    path,
    access,
    doc: {
      id: route.id,
      tag: route.tag,
      ...(route.needs === undefined ? {} : { needs: route.needs }),
      summary: route.summary,
      description: route.description ?? "",
      cost,
      ...(isKept ? { cacheSeconds } : {}),
      params,
      query,
      headers: isRead ? conditionalHeaders : route.idempotent === true ? idempotencyHeaders : none,
      body,
      success: {
        status,
        description: route.answered ?? "Success.",
        content: { "application/json": envelope(route.data) },
        headers: [...(isRead ? readHeaderNames(isKept) : []), ...(route.answerHeaders ?? [])],
      },
      alternatives: isRead ? { 304: unchanged(isKept) } : {},
      problems: route.problems ?? [],
      example: route.example ?? {},
    },
    async handle(c) {
      const asked = {
        idempotencyKey: route.idempotent === true ? (readHeaders(c, idempotencyHeaders)["Idempotency-Key"] ?? null) : null,
        params: readParams(c, params),
        query: readQuery(c, query),
        body: body === null ? undefined : await readBody(c, body),
      } as Asked<Params, Query, Body>;
      if (isRead) readHeaders(c, conditionalHeaders);
      if (isRead) return conditionalResponse(c, await read(c, asked), isKept);
      await chargeCost(c, cost);
      return c.json(answerBody(c, await route.answer(c, asked)), status);
    },
    ...(method === "GET" && body === null ? { answer } : {}),
    ...(body !== null && route.params === undefined && route.query === undefined ? { answerBody: answerToBody } : {}),
  };
}

/** A read that costs more than it may is a fault of ours, which the log names. */
function logExcess(c: ApiContext, operation: string, { meta }: Answer<unknown>): void {
  const { rows_read } = c.get("meter").counts;
  if (rows_read > rowBudget(meta.count ?? 1))
    writeLog("warn", { event: "row_budget_exceeded", operation, rows_read, count: meta.count ?? 1 });
}

type EmptyOperation<Params extends z.ZodObject> = Pick<Operation, "method" | "path" | "access"> &
  Pick<JsonOperation<never, Params, None, z.ZodUndefined>, "id" | "tag" | "needs" | "summary" | "description" | "problems" | "example"> & {
    readonly params: Params;
    readonly act: (c: ApiContext, asked: { readonly params: z.output<Params> }) => Promise<void>;
  };

/** An operation that acts and returns no content: 204. */
export function emptyOperation<Params extends z.ZodObject>(route: EmptyOperation<Params>): Operation {
  const { method, path, access, params } = route;
  return {
    method,
    path,
    access,
    doc: {
      id: route.id,
      tag: route.tag,
      ...(route.needs === undefined ? {} : { needs: route.needs }),
      summary: route.summary,
      description: route.description ?? "",
      params,
      query: none,
      headers: none,
      body: null,
      success: { status: 204, description: "Done.", content: {}, headers: [] },
      alternatives: {},
      problems: route.problems ?? [],
      example: route.example ?? {},
    },
    async handle(c) {
      readQuery(c, none);
      await route.act(c, { params: readParams(c, params) as z.output<Params> });
      return c.body(null, 204);
    },
  };
}
