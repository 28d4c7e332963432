import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FEED_SCHEMA } from "../../../durable-objects/exchange-feed/feed-schema.ts";
import { ImpactLog } from "../../../durable-objects/exchange-feed/journal/impact-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { RejectLog } from "../../../durable-objects/exchange-feed/journal/reject-log.ts";
import { SinkPump } from "../../../durable-objects/exchange-feed/sinks/sink-pump.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { parseConfig } from "../../../src/config.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";

const GROUP_ROWS = 10;

interface Bench {
  readonly journal: Journal;
  /** Seals a batch of so many rows at a time, s into the day. */
  seal(seconds: number, rows?: number): void;
  /** Lets the store take what it may at a time: `[number of the object, its rows]` for each write. */
  run(seconds: number): Promise<readonly (readonly [sequence: number, rows: number])[]>;
  /** The store keeps what it is sent, but its answer is lost. */
  loseAnswers(lost: boolean): void;
  readonly pump: SinkPump<Env>;
}

async function withStore(name: string, check: (bench: Bench) => Promise<void>): Promise<void> {
  await runInDurableObject(env.EXCHANGE_FEED.getByName(name), async (_object, { storage }) => {
    await storage.deleteAll();
    const own = new VenueStorage(storage);
    migrateStorage(own, FEED_SCHEMA);
    const journal = new Journal(own);
    const config = parseConfig({});
    let [now, isLost] = [DAY, false];
    let writes: (readonly [number, number])[] = [];
    const sink: Sink<Env> = {
      name: "r2",
      off: () => null,
      intervalMs: () => 0,
      groupRows: GROUP_ROWS,
      async write(_env, _config, { sequence, rows }) {
        writes.push([sequence, rows.length]);
        return isLost ? { kind: "failed", error: "no answer", retryAfterMs: 0 } : { kind: "stored", refused: [] };
      },
    };
    const pump = new SinkPump<Env>(sink, {
      sql: own.sql,
      exchange: "okx",
      epoch: DAY,
      journal,
      impacts: new ImpactLog(own.sql, journal, new RecentMarks()),
      rejects: new RejectLog(own.sql),
      now: () => now,
      random: () => 0,
    });
    await check({
      journal,
      pump,
      seal(seconds, rows = 1) {
        for (let row = 0; row < rows; row += 1) {
          journal.append(sampleLiquidation({ event_id: `${journal.total}`, event_time: DAY, received_time: DAY }));
        }
        journal.seal(DAY + seconds * 1_000, { settledBefore: Infinity, minRows: 1, maxRows: 1_000 }, () => []);
      },
      async run(seconds) {
        [now, writes] = [DAY + seconds * 1_000, []];
        await pump.run(env, config);
        return writes;
      },
      loseAnswers(lost) {
        isLost = lost;
      },
    });
  });
}

test("batches of a quiet time are written at once, and those of a busy half minute as one when it is over", () =>
  withStore("groups-busy", async ({ seal, run }) => {
    for (const seconds of [1, 11, 21]) {
      seal(seconds);
      expect((await run(seconds)).length, "the first has none before it").toBe(1);
    }
    for (const seconds of [31, 41]) {
      seal(seconds, 2);
      expect(await run(seconds)).toEqual([]);
    }
    expect(await run(59)).toEqual([]);
    expect(await run(60)).toEqual([[5, 4]]);
    seal(61);
    expect(await run(61), "two batches in the one before are not many").toEqual([[6, 1]]);
  }));

test("a group that is full is written at once, and a batch that is larger than any group alone", () =>
  withStore("groups-full", async ({ seal, run }) => {
    for (const seconds of [1, 2, 3]) seal(seconds);
    await run(3);
    for (const seconds of [31, 32]) seal(seconds, 4);
    expect(await run(32)).toEqual([]);
    seal(33, 4);
    expect(await run(33)).toEqual([[5, 8]]);
    seal(34, 25);
    expect(await run(34)).toEqual([[6, 4]]);
    expect(await run(60)).toEqual([[7, 25]]);
  }));

test("a write whose answer was lost is repeated with the same rows, whatever was sealed since", () =>
  withStore("groups-lost", async ({ seal, run, loseAnswers }) => {
    for (const seconds of [1, 2, 3]) seal(seconds);
    await run(3);
    for (const seconds of [31, 41]) seal(seconds);
    loseAnswers(true);
    expect(await run(60)).toEqual([[5, 2]]);
    for (const seconds of [61, 71]) seal(seconds);
    loseAnswers(false);
    expect(await run(72)).toEqual([
      [5, 2],
      [6, 1],
      [7, 1],
    ]);
  }));

test("a store that is filled again gets the same objects, and none that the journal only has a part of", () =>
  withStore("groups-again", async ({ journal, pump, seal, run }) => {
    const first: (readonly [number, number])[] = [];
    for (const seconds of Array.from({ length: 15 }, (_, index) => 1 + 10 * index)) {
      seal(seconds);
      first.push(...(await run(seconds)));
    }
    first.push(...(await run(150)));
    expect(first.map(([sequence]) => sequence)).toEqual([1, 2, 3, 6, 9, 12, 15]);
    await pump.rewind(DAY + 50_000);
    expect(await run(151)).toEqual(first.slice(3));
    // Two batches of the second half minute are gone.
    journal.forget(5, DAY + 3_600_000);
    expect(await pump.rewind(DAY)).toEqual({ batches: 6, rows: 6 });
    expect(await run(152)).toEqual(first.slice(5));
  }));
