import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../../../scripts/simulator/random.ts";
import { type FlowEvent, flowOnset } from "../../../src/cascade/flow-onset.ts";

/** The flow begins 90 s into the stretch, with a liquidation of its own. */
const ONSET = 90_000;
const RIGHT_MS = 3_000;
const ROUNDS = 200;

/** Liquidations at random times, with log-normal sizes. */
interface Part {
  readonly fromMs: number;
  readonly toMs: number;
  readonly perSecond: number;
  readonly usd: number;
  /** Standard deviation of the logarithms of the sizes. */
  readonly spread: number;
}

function drawn(random: Random, { fromMs, toMs, perSecond, usd, spread }: Part): FlowEvent[] {
  const events: FlowEvent[] = [];
  for (let time = fromMs; ;) {
    time += 1_000 * random.exponential(perSecond);
    if (time >= toMs) return events;
    events.push({ time: Math.floor(time), usd: usd * Math.exp(spread * random.normal()), exchange: "bybit" });
  }
}

const before = (perSecond: number, usd: number, spread: number): Part => ({ fromMs: 0, toMs: ONSET, perSecond, usd, spread });
const flow = (toMs: number, perSecond: number, usd: number, spread: number): Part => ({ fromMs: ONSET, toMs, perSecond, usd, spread });

function market(random: Random, ...parts: readonly Part[]): readonly FlowEvent[] {
  const first = { time: ONSET, usd: parts.at(-1)?.usd ?? 0, exchange: "bybit" } as const;
  return [...parts.flatMap((part) => drawn(random, part)), first].toSorted((a, b) => a.time - b.time);
}

const onsetTime = (events: readonly FlowEvent[]) => events[flowOnset(events, 0) ?? -1]?.time ?? Number.NaN;

describe("the onset of a flow", () => {
  test.each<[string, readonly Part[]]>([
    ["of few large liquidations amid many small ones", [before(0.5, 200, 0.01), flow(97_000, 0.7, 300_000, 0.5)]],
    ["of as large liquidations as before, ten times as many", [before(0.6, 650, 2), flow(100_000, 6, 650, 2)]],
    ["of hundreds a second", [before(5, 650, 1.5), flow(93_000, 300, 2_000, 1.5)]],
    [
      "after a large liquidation 30 s before",
      [before(0.6, 650, 2), { fromMs: 59_000, toMs: 60_000, perSecond: 1, usd: 5e5, spread: 0 }, flow(102_000, 2, 1e5, 1)],
    ],
  ])("is found within 3 s in 95 % of simulated flows %s", (name, parts) => {
    const random = createRandom(11, name);
    const right = Array.from({ length: ROUNDS }, () => Math.abs(onsetTime(market(random, ...parts)) - ONSET) <= RIGHT_MS);
    expect(right.filter(Boolean).length / ROUNDS).toBeGreaterThanOrEqual(0.95);
  });

  test("is the beginning of the stretch where nothing changes, in 95 %", () => {
    const random = createRandom(12, "steady");
    const right = Array.from({ length: ROUNDS }, () => flowOnset(drawn(random, before(0.6, 650, 2)), 0) === 0);
    expect(right.filter(Boolean).length / ROUNDS).toBeGreaterThanOrEqual(0.95);
  });

  test("is where a flow began gently that rose sharply some seconds later", () => {
    const random = createRandom(13, "gently");
    const found = Array.from({ length: ROUNDS }, () => {
      const gentle = { fromMs: ONSET, toMs: 95_000, perSecond: 4, usd: 20_000, spread: 1.2 };
      return onsetTime(market(random, before(0.6, 650, 2), gentle, { ...gentle, fromMs: 95_000, toMs: 103_000, perSecond: 40 }));
    });
    expect(found.filter((time) => Math.abs(time - ONSET) <= RIGHT_MS).length / ROUNDS).toBeGreaterThanOrEqual(0.9);
  });

  test("is the same whatever the unit of the sizes and the origin of time", () => {
    const random = createRandom(14, "units");
    for (let round = 0; round < ROUNDS; round += 1) {
      const events = market(random, before(0.5, 650, 2), flow(100_000, 1 + 4 * random.uniform(), 20_000, 1));
      const moved = events.map((event) => ({ ...event, time: event.time + 1.7e12, usd: event.usd * 1024 }));
      expect(flowOnset(moved, 1.7e12)).toBe(flowOnset(events, 0));
    }
  });

  test("is an event of the flow also where no size is known, and null without events", () => {
    const random = createRandom(15, "unknown");
    const events = market(random, before(0.5, 1, 0), flow(100_000, 8, 1, 0)).map((event) => ({ ...event, usd: 0 }));
    expect(Math.abs(onsetTime(events) - ONSET)).toBeLessThanOrEqual(RIGHT_MS);
    expect(flowOnset([], 0)).toBeNull();
  });
});
