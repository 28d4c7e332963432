import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FrameLog } from "../../../durable-objects/exchange-feed/journal/frame-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { FramePump } from "../../../durable-objects/exchange-feed/sinks/frame-pump.ts";
import { configOf } from "../../../src/config.ts";
import type { Env } from "../../../workers/env.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { type VenueSql, VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

test("progress that the storage refuses fails no round, and the same files are written again after a restart", async () => {
  await runInDurableObject(env.EXCHANGE_FEED.getByName("frame-pump"), async (_object, state) => {
    const storage = new VenueStorage(state.storage);
    const journal = new Journal(storage);
    journal.append(sampleLiquidation({ event_id: "id0", received_time: DAY }), '{"text":"a"}');
    const full = {
      exec(statement: string, ...bindings: SqlStorageValue[]) {
        if (statement.startsWith("INSERT")) throw new Error("database or disk is full: SQLITE_FULL");
        return storage.sql.exec(statement, ...bindings);
      },
    } as unknown as VenueSql;
    const pumpOn = (sql: VenueSql) =>
      new FramePump<Env>({
        env,
        config: configOf(env),
        sinks: [r2Sink],
        sql,
        exchange: "binance",
        epoch: DAY,
        journal,
        frames: new FrameLog(storage.sql, journal),
        now: () => DAY + 7_200_000,
        random: () => 0.5,
      });
    const pump = pumpOn(full);
    await expect(pump.run()).resolves.toBeUndefined();
    expect(pump.status()).toMatchObject({ files_stored: 1, frames_stored: 1, last_error: null });
    const restarted = pumpOn(storage.sql);
    expect(restarted.status()).toMatchObject({ files_stored: 0 });
    await restarted.run();
    expect(restarted.status()).toMatchObject({ files_stored: 1, oldest_unstored_time: null });
    const { objects } = await env.BUCKET.list({ prefix: "raw/" });
    expect(objects).toHaveLength(1);
  });
});
