import * as z from "zod";
import type { Access } from "../../access/caller.ts";
import type { ApiContext } from "./api-env.ts";
import { ifNoneMatch } from "./entity-tag.ts";
import type { Example, GivenParameters, HeaderName, Method, Operation, Success, Tag } from "./operation.ts";
import type { ProblemCode } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { readHeaders, readParams, readQuery, readValues } from "./read-parameters.ts";
import { type Answer, answerBody, conditionalAnswer, envelope } from "./answer.ts";

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
const unchanged: Success = {
  status: 304,
  description: "The resource is unchanged since the version in `If-None-Match`.",
  content: {},
  headers: ["ETag"],
};

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
  const answer = async (c: ApiContext, given: GivenParameters) => {
    const read = { params: readValues(params, given.params), query: readValues(query, given.query) };
    return answerBody(c, await route.answer(c, { idempotencyKey: null, body: undefined, ...read } as Asked<Params, Query, Body>));
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
      params,
      query,
      headers: isRead ? conditionalHeaders : route.idempotent === true ? idempotencyHeaders : none,
      body,
      success: {
        status,
        description: route.answered ?? "Success.",
        content: { "application/json": envelope(route.data) },
        headers: [...(isRead ? (["ETag"] as const) : []), ...(route.answerHeaders ?? [])],
      },
      alternatives: isRead ? { 304: unchanged } : {},
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
      const answered = answerBody(c, await route.answer(c, asked));
      return isRead ? conditionalAnswer(c, answered) : c.json(answered, status);
    },
    ...(method === "GET" && body === null ? { answer } : {}),
  };
}

type EmptyOperation<Params extends z.ZodObject> = Pick<Operation, "method" | "path" | "access"> &
  Pick<JsonOperation<never, Params, None, z.ZodUndefined>, "id" | "tag" | "summary" | "description" | "problems" | "example"> & {
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
