import type { Hono } from "hono";
import type * as z from "zod";
import type { Access } from "../../access/caller.ts";
import type { AnswerBody } from "./answer.ts";
import type { ApiContext, ApiEnv } from "./api-env.ts";
import { type ProblemCode, ProblemError, problemResponse } from "./problem.ts";
import { requireAccess } from "./require-access.ts";

export type Method = "GET" | "POST" | "DELETE";

/** What the API's document says of an operation, and what its requests are read by. */
export interface OperationDoc {
  /** In lowerCamelCase; clients name their functions after it. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  /** Parts of the path. */
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers: z.ZodObject;
  /** Null where the request has none. */
  readonly body: z.ZodType | null;
  readonly success: Success;
  /** Other successes, by status, such as 304. */
  readonly alternatives: Readonly<Record<number, Success>>;
  /** What can go wrong beside what can everywhere. */
  readonly problems: readonly ProblemCode[];
  /** A request that works on a Worker with data. */
  readonly example: Example;
}

export interface Success {
  readonly status: number;
  readonly description: string;
  /** By media type; a schema for JSON, null for bytes and texts. Empty where there is no body. */
  readonly content: Readonly<Record<string, z.ZodType | null>>;
  /** Header names beside those of every answer. */
  readonly headers: readonly HeaderName[];
}

export type HeaderName =
  | "Location"
  | "ETag"
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
  Status: "What runs, what does not and why.",
  Liquidations: "The events and what they sum up to.",
  Cascades: "What the venues say together.",
  Signals: "The agent's decisions, their grades and the chain that keeps them as they were.",
  Datasets: "Whole days as Parquet files.",
  Exports: "Files made on demand.",
  Webhooks: "Endpoints that are told what happens.",
  Keys: "Who may ask for what, and how much was asked.",
  MCP: "The reading routes as tools for language models.",
  Documentation: "What the API says of itself.",
} as const;
export type Tag = keyof typeof TAGS;

/** Parameters as they came, not read yet. */
export interface GivenParameters {
  /** Parts of the path. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
}

/** One method of one path. */
export interface Operation {
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/signals/{id}`. */
  readonly path: string;
  readonly access: Access;
  readonly doc: OperationDoc;
  readonly handle: (c: ApiContext) => Promise<Response>;
  /**
   * What the answer says, for who asks from within another request; access is that request's to check. Absent where
   * the operation does more than read or answers no JSON.
   */
  readonly answer?: (c: ApiContext, given: GivenParameters) => Promise<AnswerBody>;
}

/** Routes each operation, behind what it asks of its caller; other methods of its path are told what is allowed. */
export function mount(app: Hono<ApiEnv>, operations: readonly Operation[]): void {
  for (const [path, group] of Map.groupBy(operations, (operation) => operation.path)) {
    const route = path.replaceAll(/\{(\w+)\}/g, ":$1");
    for (const { method, access, handle } of group) {
      app.on(method, route, async (c) => {
        requireAccess(c.get("caller"), access, c.get("config"));
        return handle(c);
      });
    }
    const methods = group.map(({ method }) => (method === "GET" ? "GET, HEAD" : method)).join(", ");
    const problem = new ProblemError("method_not_allowed", `Allowed here: ${methods}.`, { headers: { Allow: `${methods}, OPTIONS` } });
    app.all(route, (c) => problemResponse(c, problem));
  }
}
