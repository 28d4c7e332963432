import { expect, test } from "vitest";
import type { Liquidation } from "../../../dashboard/src/api/schema.ts";
import { Reach, reachOf } from "../../../dashboard/src/store/reach.ts";

const event = (event_time: number) => ({ event_time }) as Liquidation;

test("an answer is complete from the start of what was asked, or from after the oldest of a page that leaves some out", () => {
  expect(reachOf({ events: [event(9), event(8)], hasMore: false, start: 5 })).toBe(5);
  expect(reachOf({ events: [event(9), event(8)], hasMore: true, start: 5 })).toBe(9);
});

test("the page holds everything from where an answer or the stream began, and of one base asset perhaps more", () => {
  const reach = new Reach();
  expect(reach.of(null)).toBe(Number.POSITIVE_INFINITY);
  reach.extend(null, 100);
  reach.extend("BTC", 40);
  reach.extend(null, 70);
  reach.extend("BTC", 60);
  expect([reach.of(null), reach.of("BTC"), reach.of("ETH")]).toEqual([70, 40, 70]);
});

test("a stream that is opened once more without its place lacks what came meanwhile", () => {
  const reach = new Reach();
  reach.opened("none", 100);
  reach.extend("BTC", 40);
  reach.opened("complete", 150);
  expect([reach.of(null), reach.of("BTC")]).toEqual([100, 40]);
  reach.opened("none", 200);
  expect([reach.of(null), reach.of("BTC")]).toEqual([200, 200]);
});

test("what could not be filled in ends the reach there", () => {
  const reach = new Reach();
  reach.extend(null, 100);
  reach.extend("BTC", 40);
  reach.cut(200);
  reach.cut(150);
  expect([reach.of(null), reach.of("BTC")]).toEqual([200, 200]);
  reach.extend("BTC", 120);
  expect([reach.of(null), reach.of("BTC")]).toEqual([200, 120]);
});
