import { beforeEach, expect, test } from "vitest";
import { LagQueue } from "../../../../clients/typescript/src/stream/lag-queue.ts";
import type { StreamItem } from "../../../../clients/typescript/src/stream/stream-item.ts";

let now = 0;
beforeEach(() => {
  now = 0;
});

const queueOf = (maxLagMs: number | null, maxSize = 1_000_000) =>
  new LagQueue({ maxLagMs, maxSize, now: () => now, request: (from, to) => `/fill?start=${from}&end=${to}` });
const liquidation = (n: number) => ({ type: "liquidation", id: `e-${n}`, data: { event_time: n } }) as unknown as StreamItem;
const gap = { type: "gap", by: "server", id: "e-2", from_time: null, to_time: 2, request: "/x" } as const;
const beat = { type: "beat", id: "e-9", time: 1, through: 1, gaps: [], n: 1 } satisfies StreamItem;

/** All that is in a queue. */
async function drained(queue: LagQueue): Promise<readonly StreamItem[]> {
  queue.end(null);
  const items: StreamItem[] = [];
  for (let item = await queue.take(); item !== null; item = await queue.take()) items.push(item);
  return items;
}

test("frames that waited too long give way to one item that names them, at their place", async () => {
  const queue = queueOf(1_000);
  queue.push(liquidation(1), 10);
  queue.push(gap, 10);
  queue.push(liquidation(3), 10);
  queue.push(beat, 10);
  now = 2_000;
  queue.push(liquidation(4), 10);
  const skipped = { type: "skipped", by: "client", id: "e-3", from_id: "e-1", to_id: "e-3", count: 2, request: "/fill?start=1&end=3" };
  expect(await drained(queue)).toEqual([skipped, gap, liquidation(4)]);
});

test("a consumer that comes back late gets the range it missed at once, and once for each time it was late", async () => {
  const queue = queueOf(1_000);
  for (const n of [1, 2, 3]) queue.push(liquidation(n), 10);
  expect(await queue.take()).toEqual(liquidation(1));
  now = 1_500;
  expect(await queue.take()).toMatchObject({ type: "skipped", from_id: "e-2", to_id: "e-3", count: 2 });
  queue.push(liquidation(4), 10);
  now = 3_000;
  expect(await drained(queue)).toMatchObject([{ type: "skipped", from_id: "e-4", to_id: "e-4", count: 1 }]);
});

test("with a limit of the lag the oldest frames give way before too many wait", async () => {
  const queue = queueOf(60_000, 1_000);
  for (let n = 1; n <= 10_000; n += 1) queue.push(liquidation(n), 100);
  expect(queue.hasRoom).toBe(true);
  const items = await drained(queue);
  const [skipped, ...rest] = items;
  expect(skipped).toMatchObject({ type: "skipped", from_id: "e-1", count: 10_000 - rest.length });
  expect(rest.length).toBeLessThanOrEqual(10);
  expect(rest.at(-1)).toEqual(liquidation(10_000));
});

test("without a limit nothing is left out, and there is no room until something is taken", async () => {
  const queue = queueOf(null, 25);
  for (const n of [1, 2, 3]) queue.push(liquidation(n), 10);
  now = 1_000_000;
  let hasRoom = false;
  const room = queue.room().then(() => (hasRoom = true));
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  expect(await queue.take()).toEqual(liquidation(1));
  await room;
  expect(await drained(queue)).toEqual([liquidation(2), liquidation(3)]);
});

test("an error is thrown after what came before it, and ends the wait for room", async () => {
  const queue = queueOf(null, 5);
  queue.push(liquidation(1), 10);
  const room = queue.room();
  queue.end(new Error("refused"));
  await room;
  expect(await queue.take()).toEqual(liquidation(1));
  await expect(queue.take()).rejects.toThrow("refused");
});
