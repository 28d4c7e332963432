import {
  MarketHub as Hub,
  WebhookOutbox as Outbox,
  ExchangeFeed as Feed,
  ExportWorkflow,
  JobWorkflow,
  StreamRelay,
  default as worker,
} from "../../workers/index.ts";
import type { Env } from "../../workers/env.ts";

/**
 * The Worker with stores that fail when the campaign says so: before each call to D1 and R2 it is asked how the call
 * fares. The Worker's own code is unchanged.
 */

type FaultyEnv = Env & { readonly CAMPAIGN_FAULTS_URL: string };
type Store = "d1" | "r2";
type Call = (...args: readonly unknown[]) => unknown;

const FATES: Readonly<Record<string, "refused" | "lost" | "slow">> = { refused: "refused", lost: "lost", slow: "slow" };
const SLOW_MS = 8_000;

/** Makes a call as the campaign wants it: not at all, with its answer lost, or after a while. */
async function fated(env: FaultyEnv, store: Store, call: () => unknown): Promise<unknown> {
  const fate = await fateOf(env, store);
  if (fate === "refused") throw new Error(`${store}: Network connection lost.`);
  if (fate === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  const result = await call();
  if (fate === "lost") throw new Error(`${store}: Network connection lost after the call.`);
  return result;
}

/** A campaign that is gone wants nothing. */
async function fateOf(env: FaultyEnv, store: Store): Promise<"refused" | "lost" | "slow" | null> {
  const response = await fetch(`${env.CAMPAIGN_FAULTS_URL}/${store}`).catch(() => null);
  return FATES[response?.headers.get("x-fate") ?? ""] ?? null;
}

/** An object of a binding, of which some methods are fated and the others go through. */
function wrapped<Target extends object>(target: Target, methods: Readonly<Record<string, (call: Call) => Call>>): Target {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const call: Call = (...args) => Reflect.apply(value, target, args) as unknown;
      return (typeof name === "string" ? methods[name]?.(call) : undefined) ?? call;
    },
  });
}

/** The statements of the binding behind those that the Worker holds: `batch` takes these alone. */
const STATEMENTS = new WeakMap<object, D1PreparedStatement>();

function fateful(env: FaultyEnv, store: Store): (call: Call) => Call {
  return (call) =>
    (...args) =>
      fated(env, store, () => call(...args));
}

function faultyStatement(real: D1PreparedStatement, fate: (call: Call) => Call): D1PreparedStatement {
  const bound =
    (call: Call): Call =>
    (...args) =>
      faultyStatement(call(...args) as D1PreparedStatement, fate);
  const statement = wrapped(real, { bind: bound, all: fate, first: fate, run: fate, raw: fate });
  STATEMENTS.set(statement, real);
  return statement;
}

function realStatement(statement: object): object {
  return STATEMENTS.get(statement) ?? statement;
}

function faultyD1(env: FaultyEnv): D1Database {
  const fate = fateful(env, "d1");
  return wrapped(env.DB, {
    prepare: (call) => (sql) => faultyStatement(call(sql) as D1PreparedStatement, fate),
    batch: (call) => fate((statements) => call((statements as readonly object[]).map(realStatement))),
    exec: fate,
  });
}

function faultyR2(env: FaultyEnv): R2Bucket {
  const fate = fateful(env, "r2");
  return wrapped(env.BUCKET, { put: fate, get: fate, head: fate, delete: fate, list: fate });
}

function faulty(env: Env): Env {
  const campaign = env as FaultyEnv;
  return { ...env, DB: faultyD1(campaign), BUCKET: faultyR2(campaign) };
}

export class ExchangeFeed extends Feed {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, faulty(env));
  }
}

export class MarketHub extends Hub {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, faulty(env));
  }
}

export class WebhookOutbox extends Outbox {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, faulty(env));
  }
}

export { ExportWorkflow, JobWorkflow, StreamRelay };

export default {
  fetch: (request, env, ctx) => worker.fetch(request, faulty(env), ctx),
  scheduled: (controller, env) => worker.scheduled(controller, faulty(env)),
} satisfies ExportedHandler<Env>;
