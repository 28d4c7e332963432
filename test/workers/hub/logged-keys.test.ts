import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { StreamLog } from "../../../durable-objects/market-hub/stream-log.ts";
import { HUB_SCHEMA } from "../../../durable-objects/market-hub/hub-schema.ts";
import { ObjectMemory } from "../../../durable-objects/object-memory.ts";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { liquidationEntry } from "../../../src/stream/log-entry.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";

const MINUTE_MS = 60_000;
const entry = (id: string, receivedTime: number) => liquidationEntry(sampleLiquidation({ event_id: id, received_time: receivedTime }));

function withStorage(name: string, check: (storage: DurableObjectStorage) => void): Promise<void> {
  return runInDurableObject(env.MARKET_HUB.getByName(name), async (_object, { storage }) => {
    await storage.deleteAll();
    check(storage);
  });
}

const open = (storage: DurableObjectStorage) => new StreamLog(storage.sql, new ObjectMemory(storage.sql), DAY);

test("a frame is logged once, however many came since and however often the hub restarted", () =>
  withStorage("logged-once", (storage) => {
    migrateStorage(storage, HUB_SCHEMA);
    const log = open(storage);
    for (let minute = 0; minute < 50; minute += 1) {
      const time = DAY + minute * MINUTE_MS;
      const entries = Array.from({ length: 60 }, (_, index) => entry(`${minute}:${index}`, time));
      expect(log.add(entries, time).length).toBe(60);
    }
    const [first, later, newest] = [entry("0:7", DAY), entry("20:7", DAY + 20 * MINUTE_MS), entry("49:7", DAY + 49 * MINUTE_MS)];
    const now = DAY + 50 * MINUTE_MS;
    for (const opened of [log, open(storage)]) {
      expect(opened.add([first, later, newest], now)).toEqual([]);
      expect(opened.extent.head).toBe(3_000);
    }
    const late = entry("late", DAY + 20 * MINUTE_MS);
    expect(open(storage).add([late, late], now), "one that waited for long").toEqual([late]);
  }));

test("frames from before keys were kept in memory are read, known and deleted like the others", () =>
  withStorage("stream-upgrade", (storage) => {
    const steps = HUB_SCHEMA.steps.slice(
      0,
      HUB_SCHEMA.steps.findIndex(({ name }) => name.startsWith("stream frames without")),
    );
    migrateStorage(storage, { ...HUB_SCHEMA, steps });
    storage.sql.exec(`INSERT INTO stream_log VALUES (7, ?1, 'liquidation', 'old', 'BTC', 'okx', 'long', 5, 0, ?1, ?1, '"data":{}')`, DAY);
    migrateStorage(storage, HUB_SCHEMA);
    const log = open(storage);
    expect(log.extent).toMatchObject({ from: 6, head: 7 });
    expect(log.add([entry("old", DAY), entry("new", DAY)], DAY + 1).map(({ key }) => key)).toEqual(["new"]);
    expect(log.read(0).entries.map(({ sequence, key }) => [sequence, key])).toEqual([
      [7, "old"],
      [8, "new"],
    ]);
    expect([log.oldestTime, log.before(DAY + 1)]).toEqual([DAY, 7]);
    log.trim(DAY + 25 * 3_600_000);
    expect([log.extent.from, log.read(7).entries.length, log.oldestTime]).toEqual([7, 1, DAY + 1]);
  }));
