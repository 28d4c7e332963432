import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { StreamLog } from "../../../durable-objects/market-hub/stream-log.ts";
import { ObjectMemory } from "../../../durable-objects/object-memory.ts";
import { liquidationEntry } from "../../../src/stream/log-entry.ts";
import { resumption } from "../../../src/stream/resume.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../../src/windows/calendar.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";

const NOW = Date.UTC(2026, 10, 20, 12, 20);

let made = 0;
const entries = (count: number) =>
  Array.from({ length: count }, () => {
    made += 1;
    return liquidationEntry(sampleLiquidation({ event_id: `binance:BTCUSDT:log${made}` }));
  });

/** Runs with the storage of a hub of its own, whose tables exist. */
const withStorage = (name: string, run: (sql: SqlStorage) => void) =>
  runInDurableObject(env.MARKET_HUB.getByName(name), (_, state) => run(state.storage.sql));

test("a log is cut to its rows, oldest first, and says from when on frames are missing", async () => {
  await withStorage("log-of-rows", (sql) => {
    const log = new StreamLog(sql, new ObjectMemory(sql), NOW, { maxRows: 5, maxBytes: 1e9 });
    log.add(entries(8), NOW);
    log.add(entries(4), NOW + HOUR_MS);
    expect(log.extent).toMatchObject({ from: 0, head: 12 });
    log.trim(NOW + HOUR_MS);
    expect(log.extent).toMatchObject({ from: 7, head: 12 });
    const page = log.read(3);
    expect({ after: page.after, to: page.to, first: page.entries[0]?.sequence }).toEqual({ after: 7, to: 12, first: 8 });
    expect(resumption({ epoch: log.epoch, sequence: 3 }, log.extent)).toEqual({ resumed: "partial", after: 7 });
    expect(resumption({ epoch: log.epoch, sequence: 7 }, log.extent)).toEqual({ resumed: "complete", after: 7 });
    expect(resumption({ epoch: log.epoch, sequence: 13 }, log.extent)).toBe(null);
    // What followed frame 3 was logged in the first hour, although its rows are gone; what follows frame 8, in either.
    expect(log.earliestAfter(3)).toBe(floorTo(NOW, HOUR_MS));
    expect(log.oldestTime).toBe(NOW);
  });
});

test("a log forgets what is older than 24 h, but never its newest frame, so that no sequence is given twice", async () => {
  await withStorage("log-of-days", (sql) => {
    const log = new StreamLog(sql, new ObjectMemory(sql), NOW);
    log.add(entries(3), NOW);
    log.add(entries(2), NOW + DAY_MS);
    log.trim(NOW + DAY_MS);
    expect(log.extent).toMatchObject({ from: 0, head: 5 });
    log.trim(NOW + DAY_MS + 1);
    expect(log.extent).toMatchObject({ from: 3, head: 5 });
    log.trim(NOW + 9 * DAY_MS);
    expect(log.extent).toMatchObject({ from: 4, head: 5 });
    const again = new StreamLog(sql, new ObjectMemory(sql), NOW + 9 * DAY_MS);
    expect(again.extent).toEqual(log.extent);
    again.add(entries(1), NOW + 9 * DAY_MS);
    expect(again.extent).toMatchObject({ epoch: log.epoch, head: 6 });
  });
});

test("a log that is too large in bytes is cut by the share that is too much", async () => {
  await withStorage("log-of-bytes", (sql) => {
    const large = entries(200).map((entry) => ({ ...entry, body: "x".repeat(10_000) }));
    const log = new StreamLog(sql, new ObjectMemory(sql), NOW, { maxRows: 1e6, maxBytes: sql.databaseSize + 1e6 });
    log.add(large, NOW);
    log.trim(NOW);
    expect(log.extent.from).toBeGreaterThan(40);
    expect(log.extent.from).toBeLessThan(160);
    expect(log.read(0).entries[0]?.sequence).toBe(log.extent.from + 1);
  });
});

test("frames of a burst are looked for in memory alone, also by a hub that has just started, and none is logged twice", async () => {
  await withStorage("log-of-a-burst", (sql) => {
    const queries: string[] = [];
    const watched = {
      exec: (query: string, ...values: readonly SqlStorageValue[]) => {
        queries.push(query);
        return sql.exec(query, ...values);
      },
      get databaseSize() {
        return sql.databaseSize;
      },
    } as SqlStorage;
    // 25,000 frames in 30 s: more than what is kept of quiet times.
    const burst = entries(25_000).map((entry, index) => ({ ...entry, received_time: NOW + index, event_time: NOW + index, body: "{}" }));
    const log = new StreamLog(watched, new ObjectMemory(sql), NOW);
    for (let index = 0; index < burst.length; index += 500) log.add(burst.slice(index, index + 500), NOW + index * 1.2);
    const scans = () => queries.filter((query) => query.includes("key = ?")).length;
    expect(scans()).toBe(0);
    const again = new StreamLog(watched, new ObjectMemory(sql), NOW + 30_000);
    const repeated = burst.slice(0, 2);
    const [fresh] = entries(1).map((entry) => ({ ...entry, received_time: NOW + 31_000, event_time: NOW + 31_000, body: "{}" }));
    if (fresh === undefined) throw new Error("no entry was made");
    expect(again.add([...repeated, fresh], NOW + 31_000)).toEqual([fresh]);
    expect(scans()).toBe(0);
  });
});
