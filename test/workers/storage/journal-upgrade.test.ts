import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FEED_SCHEMA } from "../../../durable-objects/exchange-feed/feed-schema.ts";
import { FrameLog } from "../../../durable-objects/exchange-feed/journal/frame-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { toJournal } from "../../../durable-objects/exchange-feed/journal/journal-row.ts";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";

const event = (id: string, changes = {}) => sampleLiquidation({ event_id: id, event_time: DAY, received_time: DAY, ...changes });
const ALL = { settledBefore: DAY + 10_000, minRows: 1, maxRows: 100 };

/** The storage of a feed as the step before the one of this name left it. */
function storageBefore(storage: DurableObjectStorage, step: string): VenueStorage {
  const own = new VenueStorage(storage);
  migrateStorage(own, {
    ...FEED_SCHEMA,
    steps: FEED_SCHEMA.steps.slice(
      0,
      FEED_SCHEMA.steps.findIndex(({ name }) => name === step),
    ),
  });
  return own;
}

test("rows from before ids were indexed in memory stay in order, known, sealed once and deleted with the others", async () => {
  await runInDurableObject(env.EXCHANGE_FEED.getByName("journal-upgrade"), async (_object, { storage }) => {
    await storage.deleteAll();
    const own = storageBefore(storage, "rows without an index of their ids");
    const insert = "INSERT INTO {events} (sequence, event_id, received_time, settled, event, frame) VALUES (?, ?, ?, ?, ?, ?)";
    own.sql.exec(insert, 1, "sealed", DAY, 1, toJournal(event("sealed", { cum_usd_1m: 5 })), '{"event_ids":["sealed"]}');
    own.sql.exec(insert, 2, "open", DAY, 0, toJournal(event("open")), null);
    own.sql.exec("INSERT INTO {batches} VALUES (1, 1, 1, ?, ?, '[]')", DAY + 1, DAY);
    migrateStorage(own, FEED_SCHEMA);

    const journal = new Journal(own);
    expect([journal.total, journal.unsealed, journal.rows, journal.unsettled().map(({ sequence }) => sequence)]).toEqual([2, 1, 2, [2]]);
    expect([journal.append(event("sealed")), journal.append(event("open"))], "repetitions").toEqual([null, null]);
    expect(journal.append(event("new"))).toBe(3);
    journal.settle([{ sequence: 3, liquidation: event("new", { cum_usd_1m: 7, cascade_score: 0.5 }) }]);
    expect(journal.seal(DAY + 2, ALL, () => [])).toBe(true);
    expect(journal.batch(1)?.rows.map((row) => [row.event_id, row.cum_usd_1m])).toEqual([["sealed", 5]]);
    const rows = journal.batch(2)?.rows ?? [];
    expect(rows.map((row) => [row.event_id, row.cum_usd_1m, row.cascade_score])).toEqual([
      ["open", null, null],
      ["new", 7, 0.5],
    ]);
    expect(new FrameLog(own.sql, journal).frameOf("sealed")).toBe('{"event_ids":["sealed"]}');

    const restarted = new Journal(own);
    expect(restarted.batch(2)?.rows).toEqual(rows);
    for (const id of ["sealed", "open", "new"]) expect(restarted.append(event(id)), id).toBeNull();
    expect(restarted.forget(1, DAY + 5)).toBe(false);
    expect([restarted.rows, restarted.append(event("sealed"))], "forgotten, so new again").toEqual([2, 4]);
    restarted.forget(2, DAY + 5);
    expect(own.sql.exec("SELECT (SELECT count(*) FROM {events}) AS former, (SELECT count(*) FROM {liquidations}) AS rows").one()).toEqual({
      former: 0,
      rows: 1,
    });
  });
});

test("a liquidation costs one row when it is journaled, settled and sealed with others, and one when it is deleted", async () => {
  await runInDurableObject(env.EXCHANGE_FEED.getByName("journal-rows"), async (_object, { storage }) => {
    await storage.deleteAll();
    migrateStorage(new VenueStorage(storage), FEED_SCHEMA);
    let written = 0;
    const sql = {
      exec: (...args: Parameters<SqlStorage["exec"]>) => {
        const cursor = storage.sql.exec(...args);
        written += cursor.rowsWritten;
        return cursor;
      },
    };
    const counting = { sql, transactionSync: (run: () => unknown) => storage.transactionSync(run) } as unknown as DurableObjectStorage;
    const journal = new Journal(new VenueStorage(counting));
    for (let index = 1; index <= 100; index += 1) journal.append(event(`${index}`));
    expect(written).toBe(100);
    journal.settle(Array.from({ length: 100 }, (_, index) => ({ sequence: index + 1, liquidation: event("", { cum_usd_1m: index }) })));
    journal.seal(DAY + 2, ALL, () => []);
    expect(written, "and a row of the batch and of its hour").toBe(102);
    journal.forget(1, DAY + 5);
    expect(written).toBe(202);
  });
});
