import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ImpactLog } from "../../../durable-objects/exchange-feed/journal/impact-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

/** 60 s for the last horizon and 5 s for late marks. */
const READY_MS = 65_000;
let count = 0;

interface Parts {
  readonly journal: Journal;
  readonly marks: RecentMarks;
  readonly log: ImpactLog;
  /** The log as the object finds it after a restart: stored rows are there, marks are not. */
  restarted(): { readonly log: ImpactLog; readonly marks: RecentMarks };
}

function inObject(run: (parts: Parts) => void): Promise<void> {
  count += 1;
  return runInDurableObject(env.EXCHANGE_FEED.getByName(`impact-log-${count}`), (_object, state) => {
    const storage = new VenueStorage(state.storage);
    const journal = new Journal(storage);
    const marks = new RecentMarks();
    const restarted = () => {
      const empty = new RecentMarks();
      return { log: new ImpactLog(storage.sql, new Journal(storage), empty), marks: empty };
    };
    run({ journal, marks, log: new ImpactLog(storage.sql, journal, marks), restarted });
  });
}

function addMarks(marks: RecentMarks, time: number, instrument = "BTCUSDT"): void {
  for (const [offset, price] of [
    [-1000, 100],
    [0, 99.9],
    [1000, 99],
    [5000, 98],
    [60_000, 102],
  ] as const) {
    marks.add(instrument, price, time + offset, time + offset);
  }
}

const event = (id: string, changes: Partial<Liquidation> = {}): Liquidation =>
  sampleLiquidation({ event_id: id, event_time: DAY, received_time: DAY + 200, ...changes });

const all = (log: ImpactLog) => log.between(0, 1_000, 1_000);
const ids = (log: ImpactLog) => all(log).map(({ impact }) => impact.event_id);

describe("impacts after the event", () => {
  test("are taken from the marks of the event's own instrument, with the sign of its side, once all can be in", () =>
    inObject(({ journal, marks, log }) => {
      addMarks(marks, DAY);
      marks.add("ETHUSDT", 1, DAY + 500, DAY + 500);
      journal.append(event("long"));
      journal.append(event("short", { position_side: "short", order_side: "buy" }));
      journal.append(event("other", { instrument: "ETHUSDT", symbol: "ETH" }));
      log.finish(DAY + 200 + READY_MS - 1);
      expect(all(log)).toEqual([]);
      log.finish(DAY + 200 + READY_MS);
      expect(all(log)).toEqual([
        {
          sequence: 1,
          impact: { event_id: "long", event_time: DAY, impact_1s_bps: 100, impact_5s_bps: 200, impact_60s_bps: -200 },
        },
        {
          sequence: 2,
          impact: { event_id: "short", event_time: DAY, impact_1s_bps: -100, impact_5s_bps: -200, impact_60s_bps: 200 },
        },
      ]);
    }));

  test("stay unknown for what was journaled before a restart, and are known again for what comes after it", () =>
    inObject(({ journal, restarted }) => {
      journal.append(event("before"));
      const { log, marks } = restarted();
      addMarks(marks, DAY);
      journal.append(event("after"));
      log.finish(DAY + 2 * READY_MS);
      expect(ids(log)).toEqual(["after"]);
    }));

  test("that were known before a restart are still there to be written", () =>
    inObject(({ journal, marks, log, restarted }) => {
      addMarks(marks, DAY);
      journal.append(event("known"));
      log.finish(DAY + 2 * READY_MS);
      expect(ids(restarted().log)).toEqual(["known"]);
    }));

  test("are not held up by a liquidation that came minutes late or is dated ahead", () =>
    inObject(({ journal, marks, log }) => {
      addMarks(marks, DAY);
      journal.append(event("late", { event_time: DAY - 480_000 }));
      journal.append(event("ahead", { event_time: DAY + 3_600_000 }));
      journal.append(event("usual"));
      log.finish(DAY + 200 + READY_MS);
      expect(ids(log)).toEqual(["usual"]);
    }));

  test("of a burst are all computed, some at a time and none twice", () =>
    inObject(({ journal, marks, log }) => {
      addMarks(marks, DAY);
      for (let index = 0; index < 4_500; index += 1) journal.append(event(`event ${index}`));
      for (let round = 0; round < 4; round += 1) log.finish(DAY + 2 * READY_MS);
      const numbers = log.between(0, 5_000, 5_000).map(({ sequence }) => sequence);
      expect(numbers).toEqual(Array.from({ length: 4_500 }, (_, index) => index + 1));
    }));

  test("are forgotten when they are old and acknowledged, and others a few days later", () =>
    inObject(({ journal, marks, log }) => {
      addMarks(marks, DAY);
      for (const id of ["a", "b", "c"]) journal.append(event(id));
      log.finish(DAY + 2 * READY_MS);
      journal.append(event("d", { received_time: DAY + 3 * READY_MS }));
      log.finish(DAY + 5 * READY_MS);
      log.forget(3, DAY);
      expect(ids(log)).toEqual(["a", "b", "c", "d"]);
      log.forget(2, DAY + 1);
      expect(ids(log), "all that were computed together").toEqual(["a", "b", "c", "d"]);
      log.forget(3, DAY + 1);
      expect(ids(log)).toEqual(["d"]);
      log.forget(3, DAY + 7 * 86_400_000);
      expect(all(log)).toEqual([]);
    }));
});
