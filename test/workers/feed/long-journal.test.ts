import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Feed } from "../../../durable-objects/exchange-feed/feed.ts";
import { FEED_SCHEMA } from "../../../durable-objects/exchange-feed/feed-schema.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { parseConfig } from "../../../src/config.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

const NOW = DAY + 12 * HOUR_MS;
const BATCH = 50;

/** Rows of the days before, and 7 of today, all sealed and none stored. */
function fill(journal: Journal, daysBefore: number, rowsPerDay: number): void {
  for (let index = 0; index < daysBefore * rowsPerDay + 7; index += 1) {
    const received_time = DAY - daysBefore * DAY_MS + Math.floor((index / rowsPerDay) * DAY_MS);
    journal.append(sampleLiquidation({ event_id: `${index}`, event_time: received_time, received_time, usd_value: 10 }));
  }
  while (journal.seal(NOW, { settledBefore: NOW, minRows: 1, maxRows: BATCH }, () => []));
}

/** The storage, and the number of rows that its statements read. */
function counted(storage: DurableObjectStorage): { storage: DurableObjectStorage; rowsRead: () => number } {
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  const sql = {
    exec: (...args: Parameters<SqlStorage["exec"]>) => {
      const cursor = storage.sql.exec(...args);
      cursors.push(cursor);
      return cursor;
    },
  };
  const transactionSync = <T>(run: () => T): T => storage.transactionSync(run);
  return {
    storage: { sql, transactionSync } as unknown as DurableObjectStorage,
    rowsRead: () => cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0),
  };
}

function openFeed(storage: DurableObjectStorage): Feed<Env> {
  return new Feed<Env>({
    env,
    config: parseConfig({}),
    exchange: exchanges.binance,
    storage,
    sinks: [r2Sink, d1Sink],
    observe: async () => [],
    noteGap: async () => undefined,
    report: async () => ({ wantsListed: false }),
    inherit: null,
    fetch,
    request: async () => null,
    now: () => NOW,
    random: () => 0.5,
  });
}

async function rowsReadByStarts(name: string, daysBefore: number, rowsPerDay: number) {
  const stub = env.EXCHANGE_FEED.getByName(name);
  return runInDurableObject(stub, async (_object, { storage }) => {
    await storage.deleteAll();
    migrateStorage(new VenueStorage(storage), FEED_SCHEMA);
    fill(new Journal(new VenueStorage(storage)), daysBefore, rowsPerDay);
    const [first, second] = [counted(storage), counted(storage)];
    openFeed(first.storage);
    const rowsRead = { first: first.rowsRead(), second: 0 };
    const feed = openFeed(second.storage);
    rowsRead.second = second.rowsRead();
    return { rowsRead, status: feed.status() };
  });
}

test("a start reads a row for each batch of a long journal and none for its liquidations, and still knows today's sums", async () => {
  const short = await rowsReadByStarts("short-journal", 1, 100);
  const long = await rowsReadByStarts("long-journal", 3, 4_000);
  expect(long.status).toMatchObject({ journal_rows: 12_007, unsealed_rows: 0, events_today: 7, symbols: { BTC: { long_usd: 70 } } });
  expect(short.status).toMatchObject({ journal_rows: 107, events_today: 7 });
  const moreBatches = Math.ceil(12_007 / BATCH) - Math.ceil(107 / BATCH);
  // The first start looks for the beginning of the day, in steps of halves.
  expect(long.rowsRead.first - short.rowsRead.first).toBeLessThan(moreBatches + 20);
  expect(long.rowsRead.second - short.rowsRead.second).toBe(moreBatches);
  expect(short.rowsRead.second).toBeLessThan(250);
});
