import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ImpactLog } from "../../../durable-objects/exchange-feed/journal/impact-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { RejectLog } from "../../../durable-objects/exchange-feed/journal/reject-log.ts";
import { SinkPump } from "../../../durable-objects/exchange-feed/sinks/sink-pump.ts";
import { parseConfig } from "../../../src/config.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import type { Sink, SinkOutcome } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

const START = DAY + 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A pump with one batch to store, a clock that stands until it is moved, and a sink with answers that the test sets. */
async function withPump(
  name: string,
  run: (stage: {
    readonly outcomes: SinkOutcome[];
    at(time: number): Promise<ReturnType<SinkPump<Env>["status"]>>;
    restart(): void;
  }) => Promise<void>,
): Promise<void> {
  await runInDurableObject(env.EXCHANGE_FEED.getByName(name), async (_object, state) => {
    const storage = new VenueStorage(state.storage);
    let now = START;
    const outcomes: SinkOutcome[] = [];
    const sink: Sink<Env> = {
      name: "supabase",
      off: () => null,
      intervalMs: () => MINUTE_MS,
      write: async () => outcomes.shift() ?? { kind: "stored", refused: [] },
    };
    const journal = new Journal(storage);
    journal.append(sampleLiquidation({ event_id: "event", received_time: DAY }));
    journal.seal(START, { settledBefore: START, minRows: 1, maxRows: 1 }, () => []);
    const open = () =>
      new SinkPump(sink, {
        sql: storage.sql,
        exchange: "binance",
        epoch: DAY,
        journal,
        impacts: new ImpactLog(storage.sql, journal, new RecentMarks()),
        rejects: new RejectLog(storage.sql),
        now: () => now,
        random: () => 0.5,
      });
    let pump = open();
    await run({
      outcomes,
      async at(time) {
        now = time;
        await pump.run(env, parseConfig({}));
        return pump.status(env, parseConfig({}));
      },
      restart() {
        pump = open();
      },
    });
  });
}

const askedToWait = (retryAfterMs: number): SinkOutcome => ({ kind: "failed", error: "503", retryAfterMs });

test("a store that asks to wait for a day is asked again after five minutes, and its status says when", () =>
  withPump("retry-after-day", async ({ outcomes, at, restart }) => {
    outcomes.push(askedToWait(DAY_MS));
    expect(await at(START)).toMatchObject({ rows_stored: 0, next_attempt_time: START + 5 * MINUTE_MS });
    restart();
    expect(await at(START + 5 * MINUTE_MS - 1)).toMatchObject({ rows_stored: 0, next_attempt_time: START + 5 * MINUTE_MS });
    expect(await at(START + 5 * MINUTE_MS)).toMatchObject({ rows_stored: 1, next_attempt_time: null });
  }));

test("a store that asks for a short wait is given it", () =>
  withPump("retry-after-short", async ({ outcomes, at }) => {
    outcomes.push(askedToWait(90_000));
    expect(await at(START)).toMatchObject({ next_attempt_time: START + 90_000 });
    expect(await at(START + 89_999)).toMatchObject({ rows_stored: 0 });
    expect(await at(START + 90_000)).toMatchObject({ rows_stored: 1 });
  }));

test("a wait noted before the clock went back an hour is over", () =>
  withPump("retry-after-clock", async ({ outcomes, at }) => {
    outcomes.push(askedToWait(10_000));
    expect(await at(START)).toMatchObject({ rows_stored: 0 });
    expect(await at(START - 60 * MINUTE_MS)).toMatchObject({ rows_stored: 1 });
  }));
