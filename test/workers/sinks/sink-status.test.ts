import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FEED_SCHEMA } from "../../../durable-objects/exchange-feed/feed-schema.ts";
import { ImpactLog } from "../../../durable-objects/exchange-feed/journal/impact-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { RejectLog } from "../../../durable-objects/exchange-feed/journal/reject-log.ts";
import { SinkPump } from "../../../durable-objects/exchange-feed/sinks/sink-pump.ts";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Sink } from "../../../src/sink.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Env } from "../../../workers/env.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

const LATER = DAY + 3_600_000;
const config = parseConfig({});

interface Stage {
  readonly journal: Journal;
  readonly rejects: RejectLog;
  /** Journals and seals a batch of so many rows. */
  seal(rows: number): void;
  pump(sink: Partial<Sink<Env>>): SinkPump<Env>;
}

function withJournal(name: string, run: (stage: Stage) => Promise<void>): Promise<void> {
  return runInDurableObject(env.EXCHANGE_FEED.getByName(name), async (_object, state) => {
    await state.storage.deleteAll();
    const storage = new VenueStorage(state.storage);
    migrateStorage(storage, FEED_SCHEMA);
    const { sql } = storage;
    const journal = new Journal(storage);
    const rejects = new RejectLog(sql);
    const impacts = new ImpactLog(sql, journal, new RecentMarks());
    await run({
      journal,
      rejects,
      seal(rows) {
        for (let row = 0; row < rows; row += 1) journal.append(sampleLiquidation({ event_id: `${journal.total}`, received_time: DAY }));
        journal.seal(LATER, { settledBefore: LATER, minRows: 1, maxRows: 1_000 }, () => []);
      },
      pump: (sink) =>
        new SinkPump(
          {
            name: "supabase",
            off: () => null,
            intervalMs: () => 0,
            write: async () => ({ kind: "stored", refused: [] }),
            ...sink,
          },
          { sql, exchange: "binance", epoch: DAY, journal, impacts, rejects, now: () => LATER, random: () => 0.5 },
        ),
    });
  });
}

test("a store says how many rows it refused and why it refused the newest, also after a restart", () =>
  withJournal("refusals", async ({ seal, pump, rejects }) => {
    seal(3);
    const refusing: Partial<Sink<Env>> = {
      write: async (_env, _config, { rows }) => ({
        kind: "stored",
        refused: rows.slice(1).map(({ event_id }) => ({ eventId: event_id, reason: `will not have ${event_id}` })),
      }),
    };
    await pump(refusing).run(env, config);
    expect(pump(refusing).status(env, config)).toMatchObject({
      rows_stored: 1,
      rows_refused: 2,
      newest_refusal: { time: LATER, event_id: "2", reason: "will not have 2" },
      rows_missed: 0,
    });
    expect(rejects.latest(1)).toMatchObject([{ reason: "supabase rejected the row: will not have 2", text: "2" }]);
  }));

test("a store that was off for longer than the journal keeps rows says how many it will never get", () =>
  withJournal("missed", async ({ journal, seal, pump }) => {
    seal(3);
    const early = pump({});
    await early.run(env, config);
    expect(early.status(env, config)).toMatchObject({ rows_stored: 3, rows_missed: 0 });

    const off = pump({ off: () => "no key" });
    seal(5);
    seal(7);
    seal(1);
    expect(off.status(env, config), "while the journal has the rows").toMatchObject({ off_reason: "no key", rows_missed: 0 });
    journal.forget(3, LATER + 1);
    expect(off.status(env, config), "while the store is off").toMatchObject({ rows_missed: 12 });

    const back = pump({});
    await back.run(env, config);
    expect(back.status(env, config)).toMatchObject({ rows_stored: 4, rows_missed: 12, backlog_rows: 0 });
    journal.forget(4, LATER + 1);
    seal(2);
    await back.run(env, config);
    expect(back.status(env, config)).toMatchObject({ rows_stored: 6, rows_missed: 12 });
  }));

test("reasons that differ each time are counted, but kept for so many only", () =>
  withJournal("reasons", async ({ rejects }) => {
    for (let index = 0; index < 300; index += 1) rejects.add(DAY, `the venue said ${index}`, "text");
    rejects.add(DAY, "the venue said 0", "text");
    expect(rejects.count).toBe(301);
    const reasons = rejects.latest(1_000).map(({ reason }) => reason);
    expect(reasons.length).toBe(200 + 20 + 1);
  }));
