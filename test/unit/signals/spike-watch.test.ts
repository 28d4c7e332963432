import { describe, expect, test } from "vitest";
import type { FlowEvent } from "../../../src/signals/recent-flow.ts";
import { SpikeWatch, isEmpty, nextMinute } from "../../../src/signals/spike-watch.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";

const MINUTE = Date.parse("2026-11-20T14:05:00Z");
const FLOOR = 100_000;
const RULE = { floorUsd: FLOOR, threshold: 0.5, windowMinutes: 15 };

function liquidation(time: number, usd: number | null, changes: Partial<FlowEvent> = {}): FlowEvent {
  const own = { symbol: "BTC", position_side: "long", event_time: time, notional_mark_usd: null, usd_value: usd } as const;
  return { ...own, mark_price: null, ...changes };
}

/** A watch that has taken in these liquidations of BTC, each known when it happened. */
function watch(liquidations: readonly (readonly [time: number, usd: number | null])[]): SpikeWatch {
  const spikes = new SpikeWatch(RULE);
  for (const [time, usd] of liquidations) spikes.add(liquidation(time, usd), time);
  return spikes;
}

describe("a burst", () => {
  test("is judged a second after its last quarter of an hour reached the floor", () => {
    const spikes = watch([
      [MINUTE - 10 * MINUTE_MS, 60_000],
      [MINUTE + 10_000, 39_000],
    ]);
    expect(spikes.requestTime, "under the floor").toBeNull();
    spikes.add(liquidation(MINUTE + 12_000, 2_000), MINUTE + 12_000);
    expect(spikes.requestTime).toBe(MINUTE + 13_000);
    expect(spikes.take(MINUTE + 12_999).bursts).toEqual([]);
    expect(spikes.take(MINUTE + 13_000)).toEqual({ bursts: ["BTC"], flushes: [] });
    expect(spikes.requestTime, "nothing new since").toBeNull();
  });

  test("is judged again once a hundredth of it is new, at most every 3 s", () => {
    const spikes = watch([[MINUTE, 200_000]]);
    spikes.take(MINUTE + 1_000);
    spikes.add(liquidation(MINUTE + 1_100, 2_000), MINUTE + 1_100);
    expect(spikes.requestTime, "a hundredth would be 2,020").toBeNull();
    spikes.add(liquidation(MINUTE + 1_200, 500), MINUTE + 1_200);
    expect(spikes.requestTime).toBe(MINUTE + 4_000);
  });

  test("waits out the last 5 s of a minute, which belong to the windows of the minute after the next", () => {
    expect(watch([[MINUTE + 53_999, FLOOR]]).requestTime).toBe(MINUTE + 54_999);
    expect(watch([[MINUTE + 54_000, FLOOR]]).requestTime, "collected for less than a second").toBe(MINUTE + 54_999);
    expect(watch([[MINUTE + 54_998, FLOOR]]).requestTime).toBe(MINUTE + 54_999);
    expect(watch([[MINUTE + 55_000, FLOOR]]).requestTime).toBe(MINUTE + 60_000);
    expect(watch([[MINUTE + 59_500, FLOOR]]).requestTime).toBe(MINUTE + 60_500);
  });

  test("of several base assets is judged in one go", () => {
    const spikes = watch([[MINUTE, FLOOR]]);
    spikes.add(liquidation(MINUTE + 500, FLOOR, { symbol: "ETH" }), MINUTE + 500);
    expect(spikes.take(MINUTE + SECOND_MS).bursts).toEqual(["BTC", "ETH"]);
  });
});

/** A watch with 200,000 USD in the window before, and so much in this one until two minutes ago. */
function watchAfter(usd: number): SpikeWatch {
  return watch([
    [MINUTE - 31 * MINUTE_MS, 1],
    [MINUTE - 20 * MINUTE_MS, 200_000],
    [MINUTE - 3 * MINUTE_MS, usd],
    [MINUTE - 2 * MINUTE_MS, 1],
  ]);
}

/** The time of the request after one more liquidation. */
function timeAfter(spikes: SpikeWatch, usd: number): number | null {
  spikes.take(MINUTE - MINUTE_MS);
  spikes.add(liquidation(MINUTE, usd), MINUTE);
  return spikes.requestTime;
}

describe("where the window before is known, it held 200,000 USD, and this one", () => {
  test("is no more than before, no burst is judged before its minute", () => {
    expect(timeAfter(watchAfter(190_000), 10_000)).toBeNull();
  });

  test("rose by about the threshold, it is judged with every hundredth", () => {
    expect(timeAfter(watchAfter(266_000), 4_000)).toBe(MINUTE + 1_000);
    expect(timeAfter(watchAfter(266_000), 2_000), "less than a hundredth").toBeNull();
  });

  test("grew by a tenth within the minute, it is judged whatever its rise: its rank may be high", () => {
    expect(timeAfter(watchAfter(150_000), 14_000)).toBeNull();
    expect(timeAfter(watchAfter(150_000), 16_000)).toBe(MINUTE + 1_000);
  });
});

describe("no burst is", () => {
  test("what is older than a quarter of an hour, or became known as late", () => {
    const spikes = watch([[MINUTE - 17 * MINUTE_MS, 90_000]]);
    spikes.add(liquidation(MINUTE - 16 * MINUTE_MS, 90_000), MINUTE);
    spikes.add(liquidation(MINUTE, 90_000), MINUTE);
    expect(spikes.requestTime).toBeNull();
  });

  test("what has no value", () => {
    expect(watch([[MINUTE, null]]).requestTime).toBeNull();
    expect(watch([[MINUTE, Number.NaN]]).requestTime).toBeNull();
  });
});

/** A flush of longs that moved the mark price by 100 bps in its first two minutes, whose spike was decided on. */
function flush(largePushBps: number): SpikeWatch {
  const spikes = new SpikeWatch(RULE);
  for (const [seconds, usd, mark_price] of [
    [0, 60_000, 80_000],
    [70, 90_000, 79_200],
  ] as const) {
    const time = MINUTE + seconds * SECOND_MS;
    spikes.add(liquidation(time, usd, { mark_price }), time);
  }
  spikes.take(MINUTE + 71_000);
  const followed = { symbol: "BTC", side: "long", end_time: MINUTE + 16 * MINUTE_MS, large_push_bps: largePushBps } as const;
  spikes.follow(new Map([["BTC", followed]]), MINUTE + 72_000);
  return spikes;
}

/** When the flush was let through until a time, ms. */
function looks(spikes: SpikeWatch, until: number): number[] {
  const found: number[] = [];
  for (let time = spikes.requestTime; time !== null && time < until; time = spikes.requestTime) {
    if (!isEmpty(spikes.take(time))) found.push(time);
  }
  return found;
}

describe("the flush of a decided spike", () => {
  test("is judged every 5 s, without new liquidations, from when its flow has fallen to half its peak", () => {
    const found = looks(flush(200), MINUTE + 5 * MINUTE_MS);
    // The second minute leaves the last three at the beginning of the fifth.
    expect(found[0]).toBe(MINUTE + 4 * MINUTE_MS);
    expect(found.slice(1, 3)).toEqual([MINUTE + 245_000, MINUTE + 250_000]);
  });

  test("is not judged while its move is less than half of a large one", () => {
    expect(looks(flush(201), MINUTE + 14 * MINUTE_MS)).toEqual([]);
  });

  test("is followed until its cool-down is over, or it is open no longer", () => {
    const spikes = flush(100);
    expect(looks(spikes, MINUTE + HOUR_MS).at(-1)).toBeLessThan(MINUTE + 15 * MINUTE_MS);
    expect(spikes.requestTime).toBeNull();
    const turned = flush(100);
    turned.follow(new Map([["BTC", null]]), MINUTE + 80_000);
    expect(turned.requestTime).toBeNull();
  });

  test("does not keep a burst waiting", () => {
    const spikes = flush(100);
    spikes.add(liquidation(MINUTE + 74_500, 90_000), MINUTE + 74_500);
    expect(spikes.requestTime).toBe(MINUTE + 75_500);
  });
});

test("the minute that is judged early is the next one, on a full minute too", () => {
  expect(nextMinute(MINUTE)).toBe(MINUTE + MINUTE_MS);
  expect(nextMinute(MINUTE + 59_999)).toBe(MINUTE + MINUTE_MS);
});
