import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CrossVenueState, type HistoryChunk, HORIZON_MS } from "../../../src/cascade/cross-venue-state.ts";
import type { CrossVenueFields, Liquidation } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { aLiquidation, stateOptions, T0 } from "./cascade-fixtures.ts";

const MINUTE = 60_000;

function observeAll(events: readonly Liquidation[], now = T0): CrossVenueFields[] {
  return new CrossVenueState(stateOptions()).observe(events, now);
}

function usdOf(events: readonly Liquidation[]): number {
  return events.reduce((sum, other) => sum + (other.usd_value ?? 0), 0);
}

/** Recomputes an event's fields from every event offered so far, by the definitions' words. */
function naive(all: readonly Liquidation[], event: Liquidation) {
  const t = event.event_time;
  const known = all.filter(
    (other) =>
      other.symbol === event.symbol &&
      other.position_side === event.position_side &&
      other.received_time <= event.received_time &&
      other.event_time <= t,
  );
  const within = (ms: number) => known.filter((other) => other.event_time > t - ms);
  const velocity = known.reduce((sum, other) => sum + ((other.usd_value ?? 0) / 60) * Math.exp(-(t - other.event_time) / MINUTE), 0);
  const shares = EXCHANGES.map((name) => usdOf(within(5 * MINUTE).filter((other) => other.exchange === name)));
  const most = Math.max(...shares);
  const newestFirst = known.toSorted((a, b) => b.event_time - a.event_time);
  const pause = newestFirst.findIndex((other, index) => index > 0 && (newestFirst[index - 1]?.event_time ?? 0) - other.event_time > 10_000);
  const burst = pause === -1 ? newestFirst : newestFirst.slice(0, pause);
  const elsewhere = burst.filter((other) => other.exchange !== event.exchange).map((other) => other.event_time);
  return {
    cum_usd_1m: usdOf(within(MINUTE)),
    cum_usd_5m: usdOf(within(5 * MINUTE)),
    cum_usd_15m: usdOf(within(15 * MINUTE)),
    cum_events_1m: within(MINUTE).length,
    velocity_usd_per_s: velocity,
    concurrent_exchanges: new Set(within(10_000).map((other) => other.exchange)).size,
    cross_exchange_lag_ms: elsewhere.length === 0 ? null : t - Math.min(...elsewhere),
    dominant_exchange: most === 0 ? null : EXCHANGES[shares.indexOf(most)],
  };
}

/** Values in eighths of a dollar add up without rounding, in any order: the sums must be equal to the last bit. */
const anyEvent = fc.record({
  wait: fc.oneof(fc.nat(3), fc.nat(2000), fc.nat(90_000)),
  late: fc.oneof({ weight: 5, arbitrary: fc.nat(2500) }, fc.nat(8 * MINUTE)),
  exchange: fc.constantFrom(...EXCHANGES),
  symbol: fc.constantFrom("BTC", "ETH"),
  position_side: fc.constantFrom("long", "short"),
  eighths: fc.option(fc.nat(80_000_000), { freq: 10 }),
  /** Events of one hub call: those that wait for the next call come later than others received after them. */
  call: fc.nat(3),
});

function script(drawn: readonly (typeof anyEvent extends fc.Arbitrary<infer T> ? T : never)[]): Liquidation[][] {
  let received = T0;
  const calls: Liquidation[][] = [];
  drawn.forEach(({ wait, late, eighths, call, ...rest }, index) => {
    received += wait;
    const usd_value = eighths === null ? null : eighths / 8;
    const at = Math.floor(index / 8) + call;
    (calls[at] ??= []).push(aLiquidation({ ...rest, usd_value, received_time: received, event_time: received - late }));
  });
  return calls.filter((each) => each !== undefined);
}

describe("cross-venue fields", () => {
  test("of four events on three venues, worked by hand", () => {
    const answers = observeAll(
      [
        aLiquidation({ exchange: "bybit", usd_value: 6000, event_time: T0 }),
        aLiquidation({ exchange: "binance", usd_value: 3000, event_time: T0 + 2000 }),
        aLiquidation({ exchange: "okx", usd_value: 600, event_time: T0 + 30_000 }),
        aLiquidation({ exchange: "bybit", usd_value: 60, event_time: T0 + 60_000 }),
      ],
      T0 + 60_000,
    );
    expect(answers).toMatchObject([
      {
        cum_usd_1m: 6000,
        cum_events_1m: 1,
        concurrent_exchanges: 1,
        cross_exchange_lag_ms: null,
        lag_resolution_ms: null,
        velocity_usd_per_s: 100,
      },
      {
        cum_usd_1m: 9000,
        cum_events_1m: 2,
        concurrent_exchanges: 2,
        cross_exchange_lag_ms: 2000,
        lag_resolution_ms: 1500,
        dominant_exchange: "bybit",
      },
      // 28 s after the last: a burst of its own, alone in its ten seconds.
      { cum_usd_1m: 9600, cum_events_1m: 3, concurrent_exchanges: 1, cross_exchange_lag_ms: null },
      // The first is exactly a minute old: (t − 1 min, t] has it no more, five minutes have.
      { cum_usd_1m: 3660, cum_events_1m: 3, cum_usd_5m: 9660, cum_usd_15m: 9660 },
    ]);
    expect(answers[1]?.velocity_usd_per_s).toBeCloseTo(100 * Math.exp(-1 / 30) + 50, 9);
    expect(answers.every((answer) => answer.score_kind === "heuristic" && answer.cascade_id === null)).toBe(true);
  });

  test("equal the recomputation from the whole history, late, out of order and over several calls", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 80 }), (drawn) => {
        const state = new CrossVenueState(stateOptions());
        const offered: Liquidation[] = [];
        for (const call of script(drawn)) {
          offered.push(...call);
          const now = Math.max(...offered.map((event) => event.received_time));
          const answers = state.observe(call, now);
          const horizon = offered.filter((event) => event.event_time > now - HORIZON_MS);
          call.forEach((event, index) => {
            if (event.event_time <= now - 10 * MINUTE) return expect(answers[index]?.cum_usd_1m).toBeNull();
            const { velocity_usd_per_s, ...expected } = naive(horizon, event);
            expect(answers[index]).toMatchObject(expected);
            expect(answers[index]?.velocity_usd_per_s).toBeCloseTo(velocity_usd_per_s, 3);
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  test("velocity follows v ← v·e^(−Δ/60 s) + usd/60 event by event", () => {
    const usd = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20_000), usd), { minLength: 1, maxLength: 60 }), (steps) => {
        let [time, velocity] = [T0, 0];
        const expected: number[] = [];
        const events = steps.map(([wait, usd_value]) => {
          // No two at the same moment: those know of each other, which the recursion cannot.
          velocity = velocity * Math.exp(-(wait + 1) / MINUTE) + usd_value / 60;
          expected.push(velocity);
          return aLiquidation({ event_time: (time += wait + 1), usd_value });
        });
        const answers = observeAll(events, time);
        answers.forEach((answer, index) => expect((answer.velocity_usd_per_s ?? 0) / (expected[index] ?? 0)).toBeCloseTo(1, 6));
      }),
    );
  });

  test("count nothing that was received after the event, though the hub has it already", () => {
    const state = new CrossVenueState(stateOptions());
    state.observe([aLiquidation({ exchange: "okx", event_time: T0 - 100, received_time: T0 + 500 })], T0 + 500);
    const [answer] = state.observe([aLiquidation({ event_time: T0, received_time: T0 + 400 })], T0 + 600);
    expect(answer).toMatchObject({ cum_usd_1m: 1000, cum_events_1m: 1, concurrent_exchanges: 1, cross_exchange_lag_ms: null });
  });

  test("of events received together do not depend on their order", () => {
    const first = aLiquidation({ event_time: T0, received_time: T0 + 500 });
    const second = aLiquidation({ event_time: T0 - 200, received_time: T0 + 500 });
    const [a, b] = observeAll([first, second]);
    const [d, c] = observeAll([second, first]);
    expect([a, b]).toEqual([c, d]);
    expect([a?.cum_usd_1m, b?.cum_usd_1m]).toEqual([2000, 1000]);
  });

  test("are corrected by an event that comes eight minutes late, which gets the values of its own windows", () => {
    const state = new CrossVenueState(stateOptions());
    const now = T0 + 8 * MINUTE;
    state.observe([aLiquidation({ exchange: "bybit", usd_value: 500, event_time: T0 - 14 * MINUTE })], T0 - 14 * MINUTE);
    state.observe([aLiquidation({ exchange: "binance", usd_value: 10, event_time: now })], now);
    const [late] = state.observe([aLiquidation({ exchange: "okx", usd_value: 7, event_time: T0, received_time: now })], now);
    expect(late).toMatchObject({ cum_usd_1m: 7, cum_usd_15m: 507, cross_exchange_lag_ms: null });
    const [after] = state.observe([aLiquidation({ usd_value: 1, event_time: now + 1000 })], now + 1000);
    expect(after).toMatchObject({ cum_usd_1m: 11, cum_usd_15m: 18 });
  });

  test("are unknown for an event that is too late or stamped in the future; a merely late one still corrects sums", () => {
    const state = new CrossVenueState(stateOptions());
    const answers = state.observe(
      [
        aLiquidation({ event_time: T0 - 11 * MINUTE, received_time: T0 }),
        aLiquidation({ event_time: T0 - 12 * 60 * MINUTE, received_time: T0 }),
        aLiquidation({ event_time: T0 + 2 * MINUTE, received_time: T0 }),
      ],
      T0,
    );
    for (const answer of answers) expect(Object.values(answer).every((value) => value === null)).toBe(true);
    expect(state.observe([aLiquidation()], T0)[0]).toMatchObject({ cum_usd_15m: 2000, cum_usd_5m: 1000 });
  });

  test("an event offered again gets the same answer and changes nothing", () => {
    const state = new CrossVenueState(stateOptions());
    const event = aLiquidation();
    const twin = aLiquidation();
    const first = state.observe([event, event], T0);
    expect(first[0]).toBe(first[1]);
    const [after] = state.observe([twin], T0);
    expect(after?.cum_usd_1m).toBe(2000);
    expect(state.observe([event, twin], T0 + 1000)).toEqual([first[0], after]);
    expect(state.size).toBe(2);
  });

  test("an unknown value counts as an event and adds no dollars; inferred events count nowhere", () => {
    const unvalued = aLiquidation({ usd_value: null });
    const inferred = aLiquidation({ exchange: "kucoin", coverage: "inferred" });
    const [first, second, third] = observeAll([unvalued, inferred, aLiquidation({ received_time: T0 + 1 })]);
    expect(first).toMatchObject({ cum_usd_1m: 0, cum_events_1m: 1, dominant_exchange: null, velocity_usd_per_s: 0 });
    expect(second?.cum_usd_1m).toBeNull();
    expect(third).toMatchObject({ cum_usd_1m: 1000, cum_events_1m: 2, concurrent_exchanges: 1 });
  });

  test("keep to their symbol and side", () => {
    const [, second, third] = observeAll([aLiquidation(), aLiquidation({ symbol: "ETH" }), aLiquidation({ position_side: "short" })]);
    expect([second?.cum_usd_1m, third?.cum_usd_1m]).toEqual([1000, 1000]);
  });

  test("have no negative age or lag when the clock runs back", () => {
    const state = new CrossVenueState(stateOptions());
    state.observe([aLiquidation({ exchange: "bybit", event_time: T0 })], T0);
    const [answer] = state.observe([aLiquidation({ event_time: T0 - 5000, received_time: T0 - 5000 })], T0 - 5000);
    expect(answer).toMatchObject({ cum_usd_1m: 1000, cross_exchange_lag_ms: null });
    expect(state.observe([aLiquidation({ event_time: T0 + 1 })], T0 + 1)[0]).toMatchObject({ cum_usd_1m: 3000, cross_exchange_lag_ms: 1 });
  });

  test("go on after a restart from the chunks that were kept as they changed, and repeated events stay repeats", () => {
    const state = new CrossVenueState(stateOptions());
    const kept = new Map<string, HistoryChunk>();
    const events = Array.from({ length: 60 }, (_, index) =>
      aLiquidation({ event_time: T0 + index * 700, exchange: EXCHANGES[index % 4] ?? "okx", usd_value: index === 7 ? null : index }),
    );
    for (const event of events) {
      state.observe([event], event.event_time);
      for (const chunk of state.takeChanges()) kept.set(chunk.key, chunk);
    }
    expect(state.takeChanges()).toEqual([]);
    const restored = new CrossVenueState(stateOptions());
    restored.restore(kept.values());
    restored.observe(events, T0 + MINUTE);
    expect(restored.size).toBe(60);
    const next = aLiquidation({ event_time: T0 + MINUTE });
    expect(restored.observe([next], T0 + MINUTE)).toEqual(state.observe([next], T0 + MINUTE));
    expect(restored.snapshot().length).toBe(state.snapshot().length);
  });

  test("forget what no window reaches any more", () => {
    const state = new CrossVenueState(stateOptions());
    state.observe([aLiquidation()], T0);
    state.observe([aLiquidation({ event_time: T0 + HORIZON_MS + 32_000, symbol: "ETH" })], T0 + HORIZON_MS + 32_000);
    expect(state.size).toBe(1);
    expect(state.sample(T0 + HORIZON_MS + 32_000)).toMatchObject([{ symbol: "ETH", side: "long", cumUsd5m: 1000 }]);
  });

  test("hand each new event once, in the order received, to the cascade machine", () => {
    const seen: string[] = [];
    const state = new CrossVenueState(
      stateOptions({
        cascadeId: (event, flow, reader) => {
          seen.push(
            `${event.event_id} ${flow.events1m} ${reader.between("BTC", "long", T0 - 90_000, T0 + 90_000, event.received_time).usd}`,
          );
          return "cascade-1";
        },
      }),
    );
    const later = aLiquidation({ event_id: "later", received_time: T0 + 2 });
    const earlier = aLiquidation({ event_id: "earlier", received_time: T0 + 1 });
    expect(state.observe([later, earlier, later], T0).map((answer) => answer.cascade_id)).toEqual(["cascade-1", "cascade-1", "cascade-1"]);
    expect(seen).toEqual(["earlier 1 1000", "later 2 2000"]);
  });

  test("the score blends ranks, venues and depth share as defined; the branching ratio is the baseline's", () => {
    const baseline = { velocity: (value: number) => (value > 1 ? 1 : 0), cumUsd5m: () => 0.25, branchingRatio: 0.6 };
    const state = new CrossVenueState(stateOptions({ baseline: () => baseline }));
    const [alone, second] = state.observe(
      [aLiquidation({ depth_share: null }), aLiquidation({ exchange: "okx", depth_share: 3, received_time: T0 + 1 })],
      T0 + 1,
    );
    expect(alone).toMatchObject({ branching_ratio: 0.6, score_kind: "heuristic" });
    expect(alone?.cascade_score).toBeCloseTo(100 * (0.4 + 0.3 * 0.25), 9);
    expect(second?.cascade_score).toBeCloseTo(100 * (0.4 + 0.3 * 0.25 + 0.2 / 3 + 0.1), 9);
  });
});
