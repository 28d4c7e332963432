import { env } from "cloudflare:workers";
import type { Fault } from "../../../scripts/supabase/gateway.ts";

/** A Supabase project that runs outside workerd. */
export interface SupabaseStack {
  readonly index: number;
  readonly url: string;
  readonly secretKey: string;
}

export type SupabaseOrder =
  | { readonly kind: "query"; readonly sql: string; readonly changesSchema?: boolean }
  | { readonly kind: "fail"; readonly fault: Fault | null }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | { readonly kind: "requests" };

export interface OwnSupabase {
  /** Worker variables that point at it. */
  readonly variables: { readonly SUPABASE_URL: string; readonly SUPABASE_SECRET_KEY: string };
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** For statements that create, drop or rename. */
  alter(sql: string): Promise<void>;
  fail(fault: Fault | null): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** HTTP requests received so far. */
  requests(): Promise<number>;
}

async function post(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${env.SUPABASE_MAKER_URL}/${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** A project of a test file's own, migrated and empty. */
export async function ownSupabase(): Promise<OwnSupabase> {
  const { index, url, secretKey } = (await post("start", null)) as SupabaseStack;
  const order = (what: SupabaseOrder): Promise<unknown> => post(`order/${index}`, what);
  return {
    variables: { SUPABASE_URL: url, SUPABASE_SECRET_KEY: secretKey },
    query: async (sql) => (await order({ kind: "query", sql })) as readonly Readonly<Record<string, unknown>>[],
    alter: async (sql) => void (await order({ kind: "query", sql, changesSchema: true })),
    fail: async (fault) => void (await order({ kind: "fail", fault })),
    pause: async () => void (await order({ kind: "pause" })),
    resume: async () => void (await order({ kind: "resume" })),
    requests: async () => Number(await order({ kind: "requests" })),
  };
}
