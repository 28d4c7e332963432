import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { until } from "../until.ts";
import { type TestFeed, openFeed } from "./open-feed.ts";
import { ownVenues, type VenueControl } from "./venue-control.ts";

const SEALED_MS = 6_000;
const WRITES = /^\s*(?:INSERT|UPDATE|CREATE)/iu;

/**
 * A storage that refuses to write as SQLite does where the platform's limit is reached. The local runtime lets nobody
 * set `max_page_count`, so the refusal is made here, by the real size of the database.
 */
function limitedStorage() {
  const limit: { bytes: number; refuses: (statement: string, bindings: readonly unknown[]) => boolean } = {
    bytes: Infinity,
    refuses: () => false,
  };
  const around = (storage: DurableObjectStorage): DurableObjectStorage => {
    const sql = {
      exec(statement: string, ...bindings: unknown[]) {
        if (WRITES.test(statement) && (storage.sql.databaseSize > limit.bytes || limit.refuses(statement, bindings)))
          throw new Error("database or disk is full: SQLITE_FULL");
        return storage.sql.exec(statement, ...bindings);
      },
      get databaseSize() {
        return storage.sql.databaseSize;
      },
    };
    return {
      sql,
      transactionSync: <T>(run: () => T): T => storage.transactionSync(run),
    } as unknown as DurableObjectStorage;
  };
  return { limit, around };
}

/** One frame with a liquidation of each of these sizes. */
async function sendFrame(venues: VenueControl, sizes: readonly number[]): Promise<void> {
  const time = Date.now();
  const data = sizes.map((size) => ({ T: time, s: "BTCUSDT", S: "Buy", v: String(size), p: "80000" }));
  await venues.send("bybit", JSON.stringify({ topic: "allLiquidation.BTCUSDT", type: "snapshot", ts: time, data }));
}

async function burst(venues: VenueControl, feed: TestFeed, events: number): Promise<void> {
  const before = (await feed.status()).events_total;
  for (let sent = 0; sent < events; sent += 100)
    await sendFrame(
      venues,
      Array.from({ length: 100 }, (_, index) => before + sent + index + 1),
    );
  await until(`${events} events more`, async () => {
    const { events_total, events_lost } = await feed.status();
    return events_total + events_lost >= before + events;
  });
}

function dead(sink: Sink<Env>): Sink<Env> {
  return { ...sink, write: () => Promise.reject(new Error("dead")) };
}

async function rowsOf(table: "liquidations"): Promise<number> {
  return (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n")) ?? 0;
}

async function gapsInD1() {
  const { results } = await env.DB.prepare("SELECT from_time, to_time FROM gaps WHERE reason = 'storage_failed'").all();
  return results;
}

describe("a storage that refuses to write", () => {
  test("costs the liquidations it refused, each counted and in an open gap, and none after them in the frame", async () => {
    const venues = await ownVenues();
    const { limit, around } = limitedStorage();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, storage: around });
    await until("live", async () => (await feed.status()).state === "live");
    const start = Date.now();

    limit.refuses = (statement, bindings) =>
      statement.includes("write_test") || bindings.some((value) => value === "write_test" || String(value).includes('"quantity":2,'));
    await sendFrame(venues, [1, 2, 3]);
    await until("the frame read", async () => (await feed.status()).events_total === 2);
    const during = await feed.status();
    expect(during).toMatchObject({
      state: "degraded",
      events_total: 2,
      events_lost: 1,
      storage_error: "database or disk is full: SQLITE_FULL",
      open_gap: { reason: "storage_failed", to_time: null },
    });
    expect(during.open_gap?.from_time).toBeGreaterThanOrEqual(start - 1_000);

    // The control stream goes on all the time, and still the gap stays.
    limit.refuses = (_statement, bindings) => bindings.includes("write_test");
    await feed.beat(SEALED_MS);
    expect(await feed.status()).toMatchObject({ state: "degraded", sinks: { r2: { rows_stored: 2 }, d1: { rows_stored: 2 } } });

    limit.refuses = () => false;
    const after = await feed.status();
    expect(after).toMatchObject({ state: "live", events_lost: 1, storage_error: null, open_gap: null });
    await feed.beat(SEALED_MS);
    expect(await gapsInD1()).toMatchObject([{ from_time: during.open_gap?.from_time, to_time: expect.any(Number) }]);
  });

  test("that has no room for the gap either keeps it until there is", async () => {
    const venues = await ownVenues();
    const { limit, around } = limitedStorage();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, storage: around });
    await until("live", async () => (await feed.status()).state === "live");
    limit.refuses = () => true;
    await sendFrame(venues, [1, 2, 3]);
    await until("three lost", async () => (await feed.status()).events_lost === 3);
    const during = await feed.status();
    expect(during).toMatchObject({ state: "degraded", events_total: 0, open_gap: { exchange: "bybit", reason: "storage_failed" } });
    // A connection that is lost and found again does not end the gap.
    await venues.drop("bybit");
    await until("connected again", async () => {
      const { reconnects, sockets } = await feed.status();
      return reconnects > 0 && sockets.every(({ state }) => state === "live");
    });
    const still = await feed.status();
    expect(still).toMatchObject({ state: "degraded", open_gap: { reason: "storage_failed", to_time: null } });
    expect(still.open_gap?.from_time).toBeLessThanOrEqual(during.open_gap?.from_time ?? 0);

    limit.refuses = () => false;
    expect(await feed.status()).toMatchObject({ state: "live", events_lost: 3, open_gap: null });
    await sendFrame(venues, [4]);
    await until("stored again", async () => (await feed.status()).events_total === 1);
  });

  test("while its stores work costs nothing: rows that they have give way, and repetitions are still known", async () => {
    const before = await rowsOf("liquidations");
    const venues = await ownVenues();
    const { limit, around } = limitedStorage();
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, storage: around });
    await until("live", async () => (await feed.status()).state === "live");
    await burst(venues, feed, 300);
    await feed.beat(SEALED_MS);
    // Less than the burst takes, and more than its rows take beyond those that give way.
    limit.bytes = (await feed.status()).journal_bytes + 160_000;
    await burst(venues, feed, 300);
    expect(await feed.status()).toMatchObject({ state: "live", events_total: 600, events_lost: 0, open_gap: null });
    expect((await feed.status()).journal_rows).toBeLessThan(600);
    await feed.beat(SEALED_MS);
    expect(await rowsOf("liquidations")).toBe(before + 600);
  });
});

test("a journal at its limit drops the oldest rows of a dead store, so that the other store and the newest rows go on", async () => {
  const venues = await ownVenues();
  let isDead = true;
  const mortal: Sink<Env> = {
    ...d1Sink,
    write: (...args) => (isDead ? Promise.reject(new Error("dead")) : d1Sink.write(...args)),
  };
  const feed = await openFeed({
    exchange: "bybit",
    variables: { ...venues.variables, LIQUIDATION_JOURNAL_MAX_MB: "1", LIQUIDATION_BUFFER_SIZE: "100" },
    sinks: [r2Sink, mortal],
  });
  await until("live", async () => (await feed.status()).state === "live");
  for (let round = 0; round < 3; round += 1) {
    await burst(venues, feed, 600);
    await feed.beat(SEALED_MS);
  }
  await feed.beat(SEALED_MS);
  const full = await feed.status();
  expect(full).toMatchObject({ events_total: 1_800, events_lost: 0, sinks: { r2: { rows_stored: 1_800, rows_missed: 0 } } });
  expect(full.journal_bytes).toBeLessThanOrEqual(1e6);
  expect(full.journal_rows).toBeGreaterThan(200);
  expect(full.sinks.d1.rows_missed).toBe(1_800 - full.journal_rows);
  expect(full.warnings.join()).toContain("rows that not every store had were dropped");

  isDead = false;
  await feed.beat(SEALED_MS + 400_000);
  const { sinks } = await feed.status();
  expect(sinks.d1).toMatchObject({ rows_stored: full.journal_rows, rows_missed: 1_800 - full.journal_rows, backlog_rows: 0 });
});

test("a journal at its limit without any working store keeps the newest rows, and counts the oldest as lost in a gap", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({
    exchange: "bybit",
    variables: { ...venues.variables, LIQUIDATION_JOURNAL_MAX_MB: "1", LIQUIDATION_BUFFER_SIZE: "100" },
    sinks: [dead(r2Sink), dead(d1Sink)],
  });
  await until("live", async () => (await feed.status()).state === "live");
  const start = Date.now();
  await burst(venues, feed, 1_500);
  await feed.beat(SEALED_MS);
  await feed.beat(SEALED_MS);
  const full = await feed.status();
  expect(full.events_total).toBe(1_500);
  expect(full.events_lost).toBe(1_500 - full.journal_rows);
  expect(full.events_lost).toBeGreaterThan(0);
  expect(full.sinks.r2).toMatchObject({ rows_stored: 0, rows_missed: full.events_lost });
  const gaps = await feed.inside((_feed, { storage }) =>
    storage.sql.exec<{ from_time: number }>("SELECT * FROM gaps WHERE reason = 'storage_failed'").toArray(),
  );
  expect(gaps.length).toBeGreaterThan(0);
  for (const gap of gaps) expect(gap.from_time).toBeGreaterThanOrEqual(start - 1_000);
});
