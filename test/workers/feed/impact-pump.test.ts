import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ImpactLog } from "../../../durable-objects/exchange-feed/journal/impact-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { RejectLog } from "../../../durable-objects/exchange-feed/journal/reject-log.ts";
import { SinkPump } from "../../../durable-objects/exchange-feed/sinks/sink-pump.ts";
import { parseConfig } from "../../../src/config.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

/** More batches than one round may write. */
const BATCHES = 60;
const LATER = DAY + 3_600_000;

function fill(journal: Journal): void {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    journal.append(sampleLiquidation({ event_id: `event ${batch}`, received_time: DAY }));
    journal.seal(LATER, { settledBefore: LATER, minRows: 1, maxRows: 1 }, () => []);
  }
}

function marksAround(time: number): RecentMarks {
  const marks = new RecentMarks();
  marks.add("BTCUSDT", 100, time - 500, time);
  marks.add("BTCUSDT", 99, time + 500, time + 500);
  return marks;
}

/** Refuses impacts of rows it does not have, as no real sink does: those pass them over. */
function strictSink() {
  const stored: string[] = [];
  const written: string[] = [];
  const sink: Sink<Env> = {
    name: "d1",
    off: () => null,
    intervalMs: () => 0,
    async write(_env, _config, { rows }) {
      stored.push(...rows.map((row) => row.event_id));
      return { kind: "stored", refused: [] };
    },
    async writeImpacts(_env, _config, impacts) {
      written.push(...impacts.map((impact) => impact.event_id));
      if (written.some((id) => !stored.includes(id))) throw new Error("impact of a row it does not have");
    },
  };
  return { sink, stored, written };
}

test("a sink with a backlog gets impacts in order, once each, and never ahead of its rows, over a restart as well", () =>
  runInDurableObject(env.EXCHANGE_FEED.getByName("impact-pump"), async (_object, state) => {
    const storage = new VenueStorage(state.storage);
    const { sql } = storage;
    const { sink, stored, written } = strictSink();
    const journal = new Journal(storage);
    const impacts = new ImpactLog(sql, journal, marksAround(DAY));
    fill(journal);
    impacts.finish(LATER);
    const pump = () =>
      new SinkPump(sink, {
        sql,
        exchange: "binance",
        epoch: DAY,
        journal,
        impacts,
        rejects: new RejectLog(sql),
        now: () => LATER,
        random: () => 0.5,
      });
    await pump().run(env, parseConfig({}));
    expect(written.length).toBeLessThan(BATCHES);
    expect(written).toEqual(stored);
    const restarted = pump();
    await restarted.run(env, parseConfig({}));
    await restarted.run(env, parseConfig({}));
    expect(written).toEqual(Array.from({ length: BATCHES }, (_, batch) => `event ${batch}`));
  }));
