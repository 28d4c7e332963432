import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { CrossVenueState, type HistoryChunk, HORIZON_MS } from "../../../src/cascade/cross-venue-state.ts";
import type { CrossVenueFields, ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { aLiquidation, stateOptions, T0 } from "./cascade-fixtures.ts";

const MINUTE = 60_000;

function observeAll(events: readonly Liquidation[], now = T0): CrossVenueFields[] {
  return new CrossVenueState(stateOptions()).observe(events, now);
}

function eventAt(second: number, exchange: ExchangeName): Liquidation {
  return aLiquidation({ exchange, event_time: T0 + second * 1000 });
}

function usdOf(events: readonly Liquidation[]): number {
  return events.reduce((sum, other) => sum + (other.usd_value ?? 0), 0);
}

function timesOf(events: readonly Liquidation[]): readonly number[] {
  return events.map((event) => event.event_time);
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
  const elsewhere = timesOf(burst.filter((other) => other.exchange !== event.exchange));
  const here = timesOf(burst.filter((other) => other.exchange === event.exchange));
  return {
    cum_usd_1m: usdOf(within(MINUTE)),
    cum_usd_5m: usdOf(within(5 * MINUTE)),
    cum_usd_15m: usdOf(within(15 * MINUTE)),
    cum_events_1m: within(MINUTE).length,
    velocity_usd_per_s: velocity,
    concurrent_exchanges: new Set(within(10_000).map((other) => other.exchange)).size,
    burst_age_ms: t - Math.min(...timesOf(burst)),
    cross_exchange_lag_ms: elsewhere.length === 0 ? null : Math.min(...here) - Math.min(...elsewhere),
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

  test("of the venue that led say by how much, the same at each of its events as soon as another venue followed", () => {
    const answers = observeAll(
      [
        eventAt(0, "bybit"),
        eventAt(2, "bybit"),
        eventAt(2.4, "okx"),
        eventAt(5, "bybit"),
        eventAt(9, "okx"),
        eventAt(14, "bybit"),
        eventAt(15, "okx"),
      ],
      T0 + 15_000,
    );
    const lags = answers.map((answer) => answer.cross_exchange_lag_ms);
    expect(lags).toEqual([null, null, 2_400, -2_400, 2_400, -2_400, 2_400]);
    expect(answers.map((answer) => answer.burst_age_ms)).toEqual([0, 2_000, 2_400, 5_000, 9_000, 14_000, 15_000]);
    expect(new Set(answers.map((answer) => answer.lag_resolution_ms))).toEqual(new Set([null, 1_500]));
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

  test("of bursts of hundreds a second, a window apart, equal it too", () => {
    const random = createRandom(7, "bursts");
    const bursts = [0, 10, 60, 300, 900].map((second) => T0 + second * 1000);
    const events = bursts
      .flatMap((start) => Array.from({ length: 300 }, () => start + random.integer(1_500)))
      .map((event_time) =>
        aLiquidation({
          event_time,
          received_time: event_time + random.integer(900),
          exchange: EXCHANGES[random.integer(EXCHANGES.length)] ?? "okx",
          usd_value: random.integer(80_000_000) / 8,
        }),
      )
      .toSorted((a, b) => a.received_time - b.received_time);
    const state = new CrossVenueState(stateOptions());
    events.forEach((event, index) => {
      const [answer] = state.observe([event], event.received_time);
      if (index % 10 !== 0) return;
      const { velocity_usd_per_s, ...expected } = naive(events.slice(0, index + 1), event);
      expect(answer).toMatchObject(expected);
      expect((answer?.velocity_usd_per_s ?? 0) / velocity_usd_per_s).toBeCloseTo(1, 9);
    });
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

  test("count it for events received after it, whatever was asked in between", () => {
    const state = new CrossVenueState(stateOptions());
    const sums = [
      { event_time: T0 - 5_000, received_time: T0 + 500 },
      { event_time: T0, received_time: T0 + 600 },
      { event_time: T0 + 100, received_time: T0 + 400 },
      { event_time: T0 + 200, received_time: T0 + 700 },
    ].map((times) => state.observe([aLiquidation(times)], T0 + 800)[0]?.cum_usd_1m);
    expect(sums).toEqual([1_000, 2_000, 1_000, 4_000]);
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

  test("have no negative age when the clock runs back, and the lag is that of the venues' times", () => {
    const state = new CrossVenueState(stateOptions());
    state.observe([aLiquidation({ exchange: "bybit", event_time: T0 })], T0);
    const [answer] = state.observe([aLiquidation({ event_time: T0 - 5000, received_time: T0 - 5000 })], T0 - 5000);
    expect(answer).toMatchObject({ cum_usd_1m: 1000, cross_exchange_lag_ms: null });
    const [later] = state.observe([aLiquidation({ event_time: T0 + 1 })], T0 + 1);
    expect(later).toMatchObject({ cum_usd_1m: 3000, burst_age_ms: 5_001, cross_exchange_lag_ms: -5_000 });
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
    expect(state.sample(T0 + HORIZON_MS + 32_000)).toMatchObject([{ symbol: "ETH", side: "long" }]);
  });

  test("hand each new event once, in the order received, to the cascade machine", () => {
    const seen: string[] = [];
    const state = new CrossVenueState(
      stateOptions({
        cascadeOf: (event, flow, reader) => {
          seen.push(
            `${event.event_id} ${flow.events1m} ${reader.between("BTC", "long", T0 - 90_000, T0 + 90_000, event.received_time).usd}`,
          );
          return { id: "cascade-1", startTime: T0, firsts: {} };
        },
      }),
    );
    const later = aLiquidation({ event_id: "later", received_time: T0 + 2 });
    const earlier = aLiquidation({ event_id: "earlier", received_time: T0 + 1 });
    expect(state.observe([later, earlier, later], T0).map((answer) => answer.cascade_id)).toEqual(["cascade-1", "cascade-1", "cascade-1"]);
    expect(seen).toEqual(["earlier 1 1000", "later 2 2000"]);
  });

  test("the score says how much more than usual there is; the branching ratio is the baseline's", () => {
    const hawkes = { branchingRatio: 0.6, standardError: 0.05 };
    const state = new CrossVenueState(stateOptions({ baseline: () => ({ medianVelocity: 10, medianEvents1m: 1, hawkes }) }));
    const [usual, second] = state.observe(
      [aLiquidation({ usd_value: 600 }), aLiquidation({ usd_value: 600, exchange: "okx", received_time: T0 + 1 })],
      T0 + 1,
    );
    expect(usual).toMatchObject({ branching_ratio: 0.6, branching_ratio_se: 0.05, score_kind: "heuristic" });
    expect(usual?.cascade_score).toBeCloseTo(50, 9);
    // Twice the velocity and √2 for the number.
    const unusual = 2 * Math.SQRT2;
    expect(second?.cascade_score).toBeCloseTo((100 * unusual) / (1 + unusual), 9);
  });
});
