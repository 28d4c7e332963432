import { type RowCounts, RowMeter, meteredDatabase } from "../../workers/d1/row-meter.ts";
import { MarketHubObject } from "../../durable-objects/market-hub/market-hub.ts";
import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import { configOf } from "../../src/config.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { Env } from "../../workers/env.ts";
import worker, { ExchangeFeed, ExportWorkflow, JobWorkflow, MarketHub, StreamRelay, WebhookOutbox } from "../../workers/index.ts";
import { R2_CLASSES } from "../../workers/usage/metered-env.ts";
import { d1Sink } from "../../workers/sinks/d1.ts";
import { AwakeMeter } from "./awake-meter.ts";
import type { PlatformCounts } from "./platform-counts.ts";

/*
 * The Worker with a counter at each thing that the platform bills. `/__counts` returns them; `/__before` takes the
 * liquidations of the windows before; `/__later?ms=` moves the clock of the code on, but not that of alarms, so that what is kept
 * for a day is deleted.
 */

/** Rows written and R2 operations by what caused them, such as `feed: INSERT INTO events`. */
const causes = new Map<string, number>();

function blame(cause: string, amount: number): void {
  if (amount > 0) causes.set(cause, (causes.get(cause) ?? 0) + amount);
}

/** The verb and the table of a statement; the tables of the venues that share an object count as one. */
function causeOf(statement: string): string {
  const [, verb = "", table = ""] = /\b(INSERT[A-Z ]*? INTO|REPLACE INTO|UPDATE|DELETE FROM)\s+(\w+)/.exec(statement) ?? [];
  const venue = EXCHANGES.find((name) => table.startsWith(`${name}_`));
  return `${verb.replace(/ OR \w+/, "")} ${venue === undefined ? table : table.slice(venue.length + 1)}`;
}

class CauseMeter extends RowMeter {
  override add(rows: RowCounts, statement: string): void {
    super.add(rows, statement);
    blame(`d1: ${causeOf(statement)}`, rows.rows_written);
  }
}

const meter = new CauseMeter();
const counts = {
  worker_requests: 0,
  object_requests: 0,
  object_rows_read: 0,
  object_rows_written: 0,
  r2_class_a: 0,
  r2_class_b: 0,
  socket_messages: 0,
  log_lines: 0,
};
let ahead = 0;
const realNow = Date.now.bind(Date);
Date.now = () => realNow() + ahead;

for (const level of ["log", "info", "warn", "error", "debug"] as const) {
  const write = console[level].bind(console);
  console[level] = (...parts: unknown[]) => {
    counts.log_lines += 1;
    write(...parts);
  };
}

const hubAwake = new AwakeMeter(realNow);

const plainFetch = globalThis.fetch.bind(globalThis);
globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
  const response = await plainFetch(input as RequestInfo, init as RequestInit<RequestInitCfProperties>);
  response.webSocket?.addEventListener("message", () => (counts.socket_messages += 1));
  return response;
};

/** Counts in the object's own storage: an object takes no other in its place. */
function counted(ctx: DurableObjectState, object: string): DurableObjectState {
  const { storage } = ctx;
  const { sql } = storage;
  const [exec, setAlarm, getAlarm] = [sql.exec.bind(sql), storage.setAlarm.bind(storage), storage.getAlarm.bind(storage)];
  /** The statement before: it has run to its end only when its rows are taken, and only the object itself may look at it. */
  let before: { readonly cause: string; readonly cursor: SqlStorageCursor<Record<string, SqlStorageValue>> } | null = null;
  Object.defineProperty(sql, "exec", {
    value: (statement: string, ...bindings: SqlStorageValue[]) => {
      if (before !== null) {
        counts.object_rows_read += before.cursor.rowsRead;
        counts.object_rows_written += before.cursor.rowsWritten;
        blame(before.cause, before.cursor.rowsWritten);
      }
      const cursor = exec(statement, ...bindings);
      before = { cause: `${object}: ${causeOf(statement)}`, cursor };
      return cursor;
    },
  });
  Object.defineProperty(storage, "sql", { value: sql });
  Object.defineProperty(storage, "setAlarm", {
    value: (time: number) => {
      // A change of the alarm is billed as a row written.
      counts.object_rows_written += 1;
      blame(`${object}: alarm`, 1);
      return setAlarm(time - ahead);
    },
  });
  Object.defineProperty(storage, "getAlarm", {
    value: async () => {
      const time = await getAlarm();
      return time === null ? null : time + ahead;
    },
  });
  return ctx;
}

/** The same object with some methods replaced. */
function replacing<Target extends object>(target: Target, methods: Readonly<Record<string, unknown>>): Target {
  return new Proxy(target, {
    get(whole, key) {
      if (typeof key === "string" && key in methods) return methods[key];
      const value: unknown = Reflect.get(whole, key, whole);
      return typeof value === "function" ? (value.bind(whole) as unknown) : value;
    },
  });
}

/** An object whose calls are counted. */
function countedStub<Stub extends object>(stub: Stub): Stub {
  return new Proxy(stub, {
    get(whole, key) {
      const value: unknown = Reflect.get(whole, key, whole);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        counts.object_requests += 1;
        const answer: unknown = Reflect.apply(value, whole, args);
        hubAwake.waits(answer);
        return answer;
      };
    },
  });
}

function countedNamespace<Class extends Rpc.DurableObjectBranded>(namespace: DurableObjectNamespace<Class>): DurableObjectNamespace<Class> {
  return replacing(namespace, {
    getByName: (name: string, options?: DurableObjectNamespaceGetDurableObjectOptions) => countedStub(namespace.getByName(name, options)),
  });
}

/** The first part of the key or prefix of an R2 operation. */
function folderOf([target]: readonly unknown[]): string {
  const path = typeof target === "string" ? target : ((target as R2ListOptions | undefined)?.prefix ?? "");
  return path.split("/")[0] ?? "";
}

function countedBucket(bucket: R2Bucket): R2Bucket {
  const counting = Object.entries(R2_CLASSES).map(([name, kind]) => [
    name,
    (...args: unknown[]): unknown => {
      counts[kind] += 1;
      if (kind === "r2_class_a") blame(`r2: ${name} ${folderOf(args)}`, 1);
      return Reflect.apply(bucket[name as keyof typeof R2_CLASSES], bucket, args);
    },
  ]);
  return replacing(bucket, Object.fromEntries(counting) as Readonly<Record<string, unknown>>);
}

function countedBindings(env: Env): Env {
  return {
    ...env,
    DB: meteredDatabase(env.DB, meter),
    BUCKET: countedBucket(env.BUCKET),
    EXCHANGE_FEED: countedNamespace(env.EXCHANGE_FEED),
    MARKET_HUB: countedNamespace(env.MARKET_HUB),
    WEBHOOK_OUTBOX: countedNamespace(env.WEBHOOK_OUTBOX),
    STREAM_RELAY: countedNamespace(env.STREAM_RELAY),
  };
}

class CountedFeed extends ExchangeFeed {
  constructor(ctx: DurableObjectState, env: Env) {
    super(counted(ctx, "feed"), countedBindings(env));
  }

  override alarm(): Promise<void> {
    counts.object_requests += 1;
    return super.alarm();
  }
}

class CountedHub extends MarketHub {
  constructor(ctx: DurableObjectState, env: Env) {
    super(counted(ctx, "hub"), countedBindings(env));
  }

  override alarm(): Promise<void> {
    counts.object_requests += 1;
    return super.alarm();
  }
}

/** Every call of the hub counts as time that it is awake. */
for (const of of [CountedHub.prototype, MarketHubObject.prototype]) {
  for (const name of Object.getOwnPropertyNames(of).filter((one) => one !== "constructor")) {
    const method: unknown = Reflect.get(of, name);
    if (typeof method !== "function" || (of !== CountedHub.prototype && name === "alarm")) continue;
    Object.defineProperty(of, name, {
      value(this: unknown, ...args: unknown[]) {
        return hubAwake.call(() => Reflect.apply(method, this, args) as unknown);
      },
    });
  }
}

export { CountedFeed as ExchangeFeed, CountedHub as MarketHub, ExportWorkflow, JobWorkflow, StreamRelay, WebhookOutbox };

/** Takes liquidations of the windows before into the hub and the hot store, as if they had come in their time. */
async function addBefore(env: Env, rows: readonly Liquidation[]): Promise<void> {
  const config = configOf(env);
  for (let from = 0; from < rows.length; from += 250) await hubOf(env, config).observe(rows.slice(from, from + 250));
  for (const [exchange, own = []] of Object.entries(Object.groupBy(rows, (row) => row.exchange))) {
    const batch = { exchange: exchange as Liquidation["exchange"], epoch: 0, sequence: 1, sealedTime: Date.now(), rows: own, gaps: [] };
    await d1Sink.write(env, config, batch);
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__before") await addBefore(countedBindings(env), await request.json<readonly Liquidation[]>());
    if (pathname === "/__later") ahead = Number(searchParams.get("ms"));
    if (pathname.startsWith("/__")) {
      const { rows_read, rows_written } = meter.counts;
      return Response.json({
        ...counts,
        d1_rows_read: rows_read,
        d1_rows_written: rows_written,
        hub_awake_ms: hubAwake.ms,
        causes: Object.fromEntries(causes),
      } satisfies PlatformCounts);
    }
    counts.worker_requests += 1;
    return worker.fetch(request, countedBindings(env), ctx);
  },
  scheduled(controller, env) {
    counts.worker_requests += 1;
    return worker.scheduled(controller, countedBindings(env));
  },
} satisfies ExportedHandler<Env>;
