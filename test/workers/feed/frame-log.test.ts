import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { FrameLog } from "../../../durable-objects/exchange-feed/journal/frame-log.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

const HOUR_MS = 3_600_000;

/** Journals liquidations with these times of receipt and frames, and reads their frames. */
function withRows<R>(
  name: string,
  rows: readonly (readonly [receivedTime: number, frame: string | null])[],
  run: (log: FrameLog) => R,
): Promise<R> {
  return runInDurableObject(env.EXCHANGE_FEED.getByName(name), (_object, state) => {
    const storage = new VenueStorage(state.storage);
    const journal = new Journal(storage);
    for (const [index, [received_time, frame]] of rows.entries())
      journal.append(sampleLiquidation({ event_id: `id${index}`, received_time }), frame);
    return run(new FrameLog(storage.sql, journal));
  }) as Promise<R>;
}

test("an hour is one file once it is over, with the frames of its rows in their order", async () => {
  const rows = [
    [DAY + 5, "a"],
    [DAY + 6, null],
    [DAY + HOUR_MS - 1, "b"],
    [DAY + HOUR_MS, "c"],
  ] as const;
  await withRows("frames-by-hour", rows, (log) => {
    const first = log.next(0, DAY + HOUR_MS + 1);
    expect(first).toEqual({
      firstSequence: 1,
      lastSequence: 3,
      lines: ["a", "b"],
      firstReceivedTime: DAY + 5,
      lastReceivedTime: DAY + HOUR_MS - 1,
    });
    expect(log.next(0, DAY + 99 * HOUR_MS), "the same later").toEqual(first);
    expect(log.next(3, DAY + 2 * HOUR_MS - 1)).toBeNull();
    expect(log.next(3, DAY + 2 * HOUR_MS)).toMatchObject({ firstSequence: 4, lastSequence: 4, lines: ["c"] });
    expect(log.next(4, DAY + 99 * HOUR_MS)).toBeNull();
    expect([log.oldestAfter(0), log.oldestAfter(1), log.oldestAfter(4)]).toEqual([DAY + 5, DAY + HOUR_MS - 1, null]);
  });
});

test("a clock that goes back neither holds up nor repeats nor mixes hours", async () => {
  const rows = [
    [DAY + 5 * HOUR_MS, "ahead"],
    [DAY, "corrected"],
    [DAY + 1, "then"],
  ] as const;
  await withRows("frames-clock", rows, (log) => {
    expect(log.next(0, DAY + 2)).toMatchObject({ lastSequence: 1, lines: ["ahead"] });
    expect(log.next(1, DAY + 2)).toBeNull();
    expect(log.next(1, DAY + HOUR_MS)).toMatchObject({ lastSequence: 3, lines: ["corrected", "then"] });
  });
});

test("an hour with more than an object can hold is several files", async () => {
  const rows = Array.from({ length: 6 }, (_, index) => [DAY + index, String(index).repeat(1_900_000)] as const);
  await withRows("frames-large", rows, (log) => {
    const spans = [0, 0, 0].reduce<{ to: number; lines: number[] }>(
      ({ to, lines }) => {
        const span = log.next(to, DAY + HOUR_MS);
        return { to: span?.lastSequence ?? to, lines: [...lines, span?.lines.length ?? 0] };
      },
      { to: 0, lines: [] },
    );
    expect(spans).toEqual({ to: 6, lines: [5, 1, 0] });
  });
});

test("rows from before raw frames were kept are passed over without a file", async () => {
  await withRows(
    "frames-none",
    [
      [DAY, null],
      [DAY + 1, null],
    ],
    (log) => {
      expect(log.next(0, DAY + HOUR_MS)).toMatchObject({ lastSequence: 2, lines: [] });
      expect(log.frameOf("id1")).toBeNull();
    },
  );
});

test("the frame of a liquidation is not searched further back than a frame can reach", async () => {
  const frame = JSON.stringify({ event_ids: ["id0", "id9000", "id10000"] });
  const found = await runInDurableObject(env.EXCHANGE_FEED.getByName("frames-far"), (_object, state) => {
    const storage = new VenueStorage(state.storage);
    new Journal(storage).append(sampleLiquidation({ event_id: "id0", received_time: DAY }), frame);
    state.storage.sql.exec(
      `WITH RECURSIVE later (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM later WHERE n < 10000)
       INSERT INTO liquidations (sequence, event_id, received_time, event)
       SELECT n + 1, 'id' || n, received_time, event FROM later, liquidations WHERE sequence = 1`,
    );
    const log = new FrameLog(storage.sql, new Journal(storage));
    return ["id0", "id9000", "id10000"].map((id) => log.frameOf(id));
  });
  expect(found).toEqual([frame, frame, null]);
});
