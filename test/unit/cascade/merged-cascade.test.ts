import { expect, test } from "vitest";
import type { Running } from "../../../src/cascade/running-cascade.ts";
import { mergeRunning } from "../../../src/cascade/side-cascade.ts";
import { Tally } from "../../../src/cascade/tally.ts";

const FIRST: Running = {
  id: "BTC-long-1",
  state: "cooling",
  startTime: 0,
  stretch: { from: -90_000, to: 1_000 },
  unread: [],
  summed: { group: 0, from: -90_000, upTo: 1_000 },
  events: 40,
  usd: 9e6,
  first: { exchange: "bybit", probability: 0.9 },
  firsts: {},
  starts: [],
  move: null,
  severity: 2,
  marketWide: false,
  peakVelocity: 200_000,
  peakUsd1s: 3e6,
  peakTime: 1_000,
  peakUsd5s: 4e6,
  minVelocity: 1_000,
  begunTime: 0,
  barBps: 30,
  lastTime: 40_000,
  lastAboveTime: 40_000,
  lastVelocity: 10_000,
  slowSince: null,
  lastActiveTime: 40_000,
};

test("a cascade with a second, smaller wave keeps the peaks of the first", () => {
  const second = { ...FIRST, id: "BTC-long-2", startTime: 80_000, peakTime: 90_000, peakUsd1s: 1e5, peakUsd5s: 2e5, peakVelocity: 9_000 };
  expect(mergeRunning(FIRST, second, new Tally())).toMatchObject({
    id: "BTC-long-1",
    peakTime: 1_000,
    peakUsd1s: 3e6,
    peakUsd5s: 4e6,
    peakVelocity: 200_000,
  });
  const larger = { ...second, peakUsd1s: 3.5e6 };
  expect(mergeRunning(FIRST, larger, new Tally())).toMatchObject({ peakTime: 90_000, peakUsd1s: 3.5e6, peakUsd5s: 4e6 });
});
