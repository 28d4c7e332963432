import type { Hono } from "hono";
import type * as z from "zod";
import type { Access } from "../../access/caller.ts";
import type { AnswerBody } from "./answer.ts";
import type { ApiContext, ApiEnv } from "./api-env.ts";
import { type ProblemCode, ProblemError, problemResponse } from "./problem.ts";
import { requireAccess } from "./require-access.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** The documentation of an operation, and the schemas that validate its requests. */
export interface OperationDoc {
  /** In lowerCamelCase: generated clients name their functions after it. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  /**
   * What most requests need where the operation itself checks more than its `access`: a scope, or any key. Requests that
   * need less are in the description.
   */
  readonly needs?: Access | "key";
  /** Number of requests that a computed answer counts as against the limits per minute. Default: 1. */
  readonly cost?: number;
  /** How long an answer may be kept by the cache, s. Absent where it is always computed. */
  readonly cacheSeconds?: number;
  /** Path parameters. */
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers: z.ZodObject;
  /** Null where the request has no body. */
  readonly body: z.ZodType | null;
  readonly success: Success;
  /** Other successful responses by status, such as 304. */
  readonly alternatives: Readonly<Record<number, Success>>;
  /** Problems of this operation, in addition to those every operation has. */
  readonly problems: readonly ProblemCode[];
  /** An example request that works on a Worker with data. */
  readonly example: Example;
}

export interface Success {
  readonly status: number;
  readonly description: string;
  /** Content by media type: a schema for JSON, null for bytes and text. Empty where there is no body. */
  readonly content: Readonly<Record<string, z.ZodType | null>>;
  /** Header names, in addition to those of every response. */
  readonly headers: readonly HeaderName[];
}

export type HeaderName =
  | "Location"
  | "ETag"
  | "Age"
  | "Accept-Ranges"
  | "Content-Range"
  | "Content-Length"
  | "Content-Disposition"
  | "Repr-Digest"
  | "Retry-After";

export interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const TAGS = {
  Status: "Health of the Worker, its feeds and its stores.",
  Liquidations: "Liquidation events and their totals.",
  Cascades: "Cascades, and how the venues relate to each other.",
  Signals: "Decisions of the agent, their grades, and the hash chain that makes edits visible.",
  Stream: "Liquidations, cascades, signals, feed states and suspect silences as they happen.",
  Datasets: "Whole days as Parquet files.",
  "Raw frames": "Frames of the venues as received, for normalizing again.",
  Exports: "Files created on demand.",
  Webhooks: "Endpoints that receive events, and their deliveries.",
  Rules: "Rules that callers write, what they would have done, and what happened to them.",
  Keys: "API keys, their scopes and their usage.",
  MCP: "Read operations as tools for language models.",
  Documentation: "Documentation of this API.",
} as const;
export type Tag = keyof typeof TAGS;

/** Parameters as received, before validation. */
export interface GivenParameters {
  /** Path parameters. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
}

/** One method of one path. */
export interface Operation {
  readonly method: Method;
  /** In the notation of OpenAPI: `/v1/signals/{id}`. */
  readonly path: string;
  readonly access: Access;
  readonly doc: OperationDoc;
  readonly handle: (c: ApiContext) => Promise<Response>;
  /**
   * The response body, for a caller inside another request, which must check access itself. Absent where the operation
   * does more than read, or returns no JSON.
   */
  readonly answer?: (c: ApiContext, given: GivenParameters) => Promise<AnswerBody>;
  /** The same for an operation with a request body and no parameters. */
  readonly answerBody?: (c: ApiContext, body: unknown) => Promise<AnswerBody>;
}

/** Mounts each operation behind its access check. Other methods of its path get 405 with the supported methods. */
export function mount(app: Hono<ApiEnv>, operations: readonly Operation[]): void {
  for (const [path, group] of Map.groupBy(operations, (operation) => operation.path)) {
    const route = path.replaceAll(/\{(\w+)\}/g, ":$1");
    for (const { method, access, handle } of group) {
      app.on(method, route, async (c) => {
        requireAccess(c, access);
        return handle(c);
      });
    }
    const methods = group.map(({ method }) => (method === "GET" ? "GET, HEAD" : method)).join(", ");
    const problem = new ProblemError("method_not_allowed", `Supported methods: ${methods}.`, { headers: { Allow: `${methods}, OPTIONS` } });
    app.all(route, (c) => problemResponse(c, problem));
  }
}
