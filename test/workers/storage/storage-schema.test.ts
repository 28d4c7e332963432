import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { FEED_SCHEMA } from "../../../durable-objects/exchange-feed/feed-schema.ts";
import { ExecutionLog } from "../../../durable-objects/exchange-feed/journal/execution-log.ts";
import { GapLog } from "../../../durable-objects/exchange-feed/journal/gap-log.ts";
import { ImpactLog } from "../../../durable-objects/exchange-feed/journal/impact-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { MarkLog } from "../../../durable-objects/exchange-feed/journal/mark-log.ts";
import { RejectLog } from "../../../durable-objects/exchange-feed/journal/reject-log.ts";
import { SinkPump } from "../../../durable-objects/exchange-feed/sinks/sink-pump.ts";
import { HUB_SCHEMA } from "../../../durable-objects/market-hub/hub-schema.ts";
import { ObjectMemory } from "../../../durable-objects/object-memory.ts";
import { type MigratedStorage, migrateStorage, type StorageSchema } from "../../../durable-objects/storage-schema.ts";
import { OUTBOX_SCHEMA } from "../../../durable-objects/webhook-outbox/outbox-schema.ts";
import { WebhookQueue } from "../../../durable-objects/webhook-outbox/webhook-queue.ts";
import { parseConfig } from "../../../src/config.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { ExchangeFeed, MarketHub, WebhookOutbox } from "../../../workers/index.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { FEED_ROWS, FEED_TABLES, FIRST_ID, HUB_TABLES, OUTBOX_ROWS, OUTBOX_TABLES, SECOND_ID, THIRD_ID } from "./unversioned-storages.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

const NOW = 1_795_133_000_000;
const noted = (text: string) => ({ name: text, sql: `INSERT INTO noted VALUES ('${text}')` });

type Namespace = DurableObjectNamespace<never>;
const namespaceOf = {
  feed: env.EXCHANGE_FEED as unknown as Namespace,
  hub: env.MARKET_HUB as unknown as Namespace,
  outbox: env.WEBHOOK_OUTBOX as unknown as Namespace,
};

function inObject<R>(kind: keyof typeof namespaceOf, name: string, run: (storage: DurableObjectStorage) => R | Promise<R>): Promise<R> {
  return runInDurableObject(namespaceOf[kind].getByName(name), (_object, { storage }) => run(storage)) as Promise<R>;
}

/** Empties the object's storage, fills it again and ends the object: the next call opens it as after a deployment. */
async function leaveStorage(kind: keyof typeof namespaceOf, name: string, fill: (sql: SqlStorage) => void): Promise<void> {
  await inObject(kind, name, async (storage) => {
    await storage.deleteAll();
    fill(storage.sql);
  });
  await abortAllDurableObjects();
}

/** Tables, columns and indexes by name; spelling and order of creation do not matter. */
/** The storage as the class of the object opens it. */
function asOpened(kind: keyof typeof namespaceOf, storage: DurableObjectStorage): MigratedStorage {
  return kind === "feed" ? new VenueStorage(storage) : storage;
}

function schemaOf({ sql }: DurableObjectStorage): Readonly<Record<string, unknown>> {
  const entries = sql
    .exec<{ type: string; name: string; sql: string | null }>(
      "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
    )
    .toArray();
  return Object.fromEntries(entries.map(({ type, name, sql: text }) => [`${type} ${name}`, (text ?? "").replaceAll(/[\s"]+/gu, "")]));
}

test("a feed's storage from before versions goes on: rows are there, repeats are known, each sink gets what it lacks", async () => {
  await leaveStorage("feed", "unversioned-feed", (sql) => void sql.exec(FEED_TABLES + FEED_ROWS));
  await inObject("feed", "unversioned-feed", async (storage) => {
    const own = new VenueStorage(storage);
    const { sql } = own;
    const journal = new Journal(own);
    expect([journal.total, journal.unsealed, journal.rows]).toEqual([3, 0, 3]);
    expect(journal.append(sampleLiquidation({ event_id: SECOND_ID }))).toBeNull();
    expect(journal.append(sampleLiquidation({ event_id: "new", received_time: NOW }))).toBe(4);

    const stored: string[] = [];
    const sink: Sink<Env> = {
      name: "d1",
      off: () => null,
      intervalMs: () => 0,
      async write(_env, _config, { rows }) {
        stored.push(...rows.map(({ event_id }) => event_id));
        return { kind: "stored", refused: [] };
      },
    };
    const impacts = new ImpactLog(sql, journal, new RecentMarks());
    const rejects = new RejectLog(sql);
    const epoch = new ObjectMemory(sql, "{memory}").readNumber("epoch") ?? 0;
    const pump = new SinkPump(sink, {
      sql,
      exchange: "bitfinex",
      epoch,
      journal,
      impacts,
      rejects,
      now: () => NOW,
      random: () => 0.5,
    });
    await pump.run(env, parseConfig({}));
    expect(epoch).toBe(1_795_132_790_000);
    expect(stored).toEqual([THIRD_ID]);
    expect(pump.status(env, parseConfig({}))).toMatchObject({ rows_stored: 3, backlog_batches: 0 });

    expect(impacts.between(0, 10, 10).map(({ impact }) => impact.event_id)).toEqual([FIRST_ID]);
    expect([rejects.count, rejects.latest(5)]).toEqual([3, [{ time: 1_795_132_800_000, reason: "not JSON", text: "{" }]]);
    const marks = new MarkLog(sql, "bitfinex");
    expect(marks.unacknowledged()).toMatchObject([{ symbol: "BTC", spread_bps: null, volume_usd: null, funding_rate: null }]);
    marks.acknowledge(marks.unacknowledged());
    expect(marks.unacknowledged()).toEqual([]);
    const gaps = new GapLog(sql, "bitfinex");
    expect([gaps.open, gaps.count, gaps.unacknowledged().map(({ reason }) => reason)]).toEqual([null, 1, ["disconnected"]]);
    expect(new ExecutionLog(sql, journal).counts()).toEqual({ executions: 2, unmatched: 1 });
  });
});

test("the hub's storage from before versions goes on: what the venues said just before the restart is in the sums", async () => {
  const name = "unversioned-hub";
  const now = Date.now();
  const time = now - 60_000;
  await leaveStorage("hub", name, (sql) => {
    sql.exec(HUB_TABLES);
    // Time, USD, received time × 8 + index of the venue (3 bits, in 2026), hash of the id.
    const rows = Float64Array.of(time, 41_756.25, (time + 118) * 8 + 1, 7_821_446_339_334_114, time, 1_000, (time + 550) * 8 + 4, 12);
    const block = Math.floor(time / 30_000) * 30;
    sql.exec("INSERT INTO history (key, until, rows) VALUES (?, ?, ?)", `BTC|long|${block}`, (block + 30) * 1_000, rows.buffer);
    sql.exec("INSERT INTO memory VALUES ('heard_from', '1795132790000')");
  });
  const event = sampleLiquidation({ exchange: "okx", event_time: now - 50_000, received_time: now, usd_value: 5 });
  const [answer] = await env.MARKET_HUB.getByName(name).observe([event]);
  expect(answer).toMatchObject({
    cum_usd_15m: 42_761.25,
    concurrent_exchanges: 1,
    dominant_exchange: "bybit",
    burst_age_ms: 10_000,
    cross_exchange_lag_ms: 10_000,
    lag_resolution_ms: 1_500,
  });
});

test("an endpoint's queue from before versions goes on", async () => {
  await leaveStorage("outbox", "unversioned-outbox", (sql) => void sql.exec(OUTBOX_TABLES + OUTBOX_ROWS));
  await inObject("outbox", "unversioned-outbox", (storage) => {
    migrateStorage(storage, OUTBOX_SCHEMA);
    const queue = new WebhookQueue(storage.sql);
    const event = { id: "two", type: "signal.issued", time: NOW, symbol: "BTC", data: {} } as const;
    expect(queue.add("msg_2", event, NOW)).toBe(false);
    expect(queue.due(NOW, 10).map(({ webhook_id, tries }) => [webhook_id, tries])).toEqual([["msg_1", 2]]);
  });
});

describe.each([
  ["feed", FEED_SCHEMA, FEED_TABLES, ExchangeFeed],
  ["hub", HUB_SCHEMA, HUB_TABLES, MarketHub],
  ["outbox", OUTBOX_SCHEMA, OUTBOX_TABLES, WebhookOutbox],
] as const)("the storage of one %s", (kind, schema, tables, objectClass) => {
  test("is the same whether new or from before versions", async () => {
    await leaveStorage(kind, `old-${kind}`, (sql) => void sql.exec(tables));
    const opened = (name: string) =>
      inObject(kind, name, (storage) => {
        migrateStorage(asOpened(kind, storage), schema);
        return { schema: schemaOf(storage), steps: storage.sql.exec("SELECT * FROM schema_steps").toArray() };
      });
    const fresh = await opened(`fresh-${kind}`);
    expect(await opened(`old-${kind}`)).toEqual(fresh);
    expect(fresh.steps).toEqual(schema.steps.map(({ name }, index) => ({ version: index + 1, name })));
  });

  test("is refused where newer code wrote it, with what to do, and is left unchanged", async () => {
    await inObject(kind, `newer-${kind}`, (storage) => {
      migrateStorage(asOpened(kind, storage), schema);
      storage.sql.exec("INSERT INTO schema_steps VALUES (99, 'a step of next year')");
      const before = schemaOf(storage);
      expect(() => migrateStorage(asOpened(kind, storage), schema)).toThrow(
        `The storage of this ${schema.object} has schema version 99 (step "a step of next year"), ` +
          `but this code knows versions up to ${schema.steps.length}. Deploy the newer code again; nothing was changed.`,
      );
      expect(schemaOf(storage)).toEqual(before);
    });
  });

  test("makes the object refuse to start where newer code wrote it", async () => {
    await runInDurableObject(namespaceOf[kind].getByName(`refusing-${kind}`), (_object, state) => {
      migrateStorage(asOpened(kind, state.storage), schema);
      state.storage.sql.exec("INSERT INTO schema_steps VALUES (99, 'a step of next year')");
      if (kind === "outbox") state.storage.kv.put("endpoint_id", "whe_1");
      expect(() => new objectClass(state, env)).toThrow("this code knows versions up to");
    });
  });
});

test("a step that fails leaves the storage at the version it had, with nothing of that step", async () => {
  await inObject("hub", "failing-step", (storage) => {
    const good: StorageSchema = { object: "Sample", steps: [...HUB_SCHEMA.steps, { name: "one", sql: "CREATE TABLE one (a INTEGER)" }] };
    const bad = { name: "two", sql: "CREATE TABLE two (a INTEGER); INSERT INTO nowhere VALUES (1)" };
    expect(() => migrateStorage(storage, { ...good, steps: [...good.steps, bad] })).toThrow("nowhere");
    expect(Object.keys(schemaOf(storage))).not.toContain("table one");
    expect(Object.keys(schemaOf(storage))).not.toContain("table two");
    migrateStorage(storage, good);
    expect(Object.keys(schemaOf(storage))).toContain("table one");
    expect(storage.sql.exec("SELECT max(version) AS version FROM schema_steps").one()).toEqual({ version: good.steps.length });
  });
});

test("each step runs once, in order, and a storage in the middle gets only those it lacks", async () => {
  await inObject("hub", "steps", (storage) => {
    const steps = [...HUB_SCHEMA.steps, { name: "table", sql: "CREATE TABLE noted (text TEXT)" }, noted("a")];
    migrateStorage(storage, { object: "Sample", steps });
    migrateStorage(storage, { object: "Sample", steps: [...steps, noted("b"), noted("c")] });
    migrateStorage(storage, { object: "Sample", steps: [...steps, noted("b"), noted("c")] });
    expect(storage.sql.exec("SELECT group_concat(text, ' ') AS texts FROM noted").one()).toEqual({ texts: "a b c" });
  });
});
