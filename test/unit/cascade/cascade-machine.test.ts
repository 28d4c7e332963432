import { describe, expect, test } from "vitest";
import { CascadeMachine } from "../../../src/cascade/cascade-machine.ts";
import { CASCADE_CONSTANTS, type CascadeTransition } from "../../../src/cascade/cascade-record.ts";
import { CrossVenueState } from "../../../src/cascade/cross-venue-state.ts";
import type { CrossVenueFields, Liquidation } from "../../../src/liquidation.ts";
import { cascadeMoved } from "../../../src/webhooks/make-event.ts";
import { aLiquidation, stateOptions, T0 } from "./cascade-fixtures.ts";

/** σ of one second is vol/√300, so that the bar of 3 σ √90 is 3 · vol · √0.3: 16.43 bps for this one. */
const VOLATILITY = 0.001;
const BAR_BPS = 3 * 10 * Math.sqrt(0.3);

interface Watched {
  readonly machine: CascadeMachine;
  readonly state: CrossVenueState;
  readonly published: CascadeTransition[];
  offer(...events: Liquidation[]): (string | null)[];
  answer(...events: Liquidation[]): CrossVenueFields[];
}

function watch(machine = new CascadeMachine(() => 1000)): Watched {
  const published: CascadeTransition[] = [];
  const state = new CrossVenueState(
    stateOptions({
      cascadeOf: (event, flow, reader) => {
        published.push(...machine.observe(event, flow, reader));
        return machine.cascadeOf(event);
      },
    }),
  );
  const answer = (...events: Liquidation[]) => events.flatMap((event) => state.observe([event], event.received_time));
  const offer = (...events: Liquidation[]) => answer(...events).map(({ cascade_id }) => cascade_id);
  return { machine, state, published, offer, answer };
}

function at(second: number, changes: Partial<Liquidation> = {}): Liquidation {
  return aLiquidation({ event_time: T0 + second * 1000, usd_value: 300_000, mark_price: 80_000, volatility_5m: VOLATILITY, ...changes });
}

/** Four longs of 300 000 USD over 3 s, Bybit first, the mark falling by 0.25 %. */
function aCascade(changes: Partial<Liquidation> = {}): Liquidation[] {
  return [
    at(0, { exchange: "bybit", mark_price: 80_000, ...changes }),
    at(1, { exchange: "binance", mark_price: 79_990, ...changes }),
    at(2, { exchange: "bybit", mark_price: 79_900, ...changes }),
    at(3, { exchange: "bybit", mark_price: 79_800, ...changes }),
  ];
}

describe("a cascade", () => {
  test("starts once it has events, dollars, pace, a moved mark and one side, and ends 60 s after its last", () => {
    const { machine, published, offer } = watch();
    const ids = offer(...aCascade());
    const id = `BTC-long-${T0}`;
    expect(ids).toEqual([null, null, null, id]);
    expect(published).toMatchObject([
      {
        kind: "started",
        record: {
          cascade_id: id,
          symbol: "BTC",
          position_side: "long",
          state: "active",
          start_time: T0,
          peak_time: T0,
          end_time: null,
          peak_usd_per_s: 300_000,
          peak_5s_usd: 1_200_000,
          events: 4,
          usd: 1_200_000,
          first_exchange: "bybit",
          exchanges: ["binance", "bybit"],
          start_mark: 80_000,
          extreme_mark: 79_800,
          severity: 1,
          market_wide: false,
          gaps: [],
        },
      },
    ]);
    expect(published[0]?.record.move_bps).toBeCloseTo(25, 9);
    expect(published[0]?.record.constants).toEqual({ ...CASCADE_CONSTANTS, floor_usd: { BTC: 1_000_000 } });
    expect(machine.tick(T0 + 62_999)).toEqual([]);
    expect(machine.tick(T0 + 63_000)).toMatchObject([
      { kind: "ended", record: { cascade_id: id, state: "ended", end_time: T0 + 3000, events: 4 } },
    ]);
    expect(machine.cascadeOf(at(3))).toBeNull();
    expect(machine.tick(T0 + 64_000)).toEqual([]);
  });

  test.each<[string, readonly Liquidation[]]>([
    ["of three events", aCascade({ usd_value: 900_000 }).slice(1)],
    ["under the floor", aCascade({ usd_value: 249_000 })],
    ["whose mark does not move", aCascade({ mark_price: 80_000 })],
    ["whose mark moves against the forced flow", aCascade().map((event, index) => ({ ...event, mark_price: 80_000 + index * 100 }))],
    ["of unknown volatility", aCascade({ volatility_5m: null })],
    ["without a mark price", aCascade({ mark_price: null })],
    ["with 36 % on the other side", [at(0, { position_side: "short", usd_value: 680_000 }), ...aCascade()]],
  ])("does not start %s", (_, events) => {
    const { published, offer } = watch();
    offer(...events);
    expect(published).toEqual([]);
  });

  test("gives its events the lags and ages of its own flow, whatever other liquidations came just before it", () => {
    const { answer } = watch();
    answer(...[-40, -32, -24, -16, -8].map((second) => at(second, { exchange: "okx", usd_value: 2_000 })));
    const answers = answer(
      at(0, { exchange: "bybit" }),
      at(0.5, { exchange: "bybit", mark_price: 79_900 }),
      at(1, { exchange: "bybit", mark_price: 79_800 }),
      at(2.4, { exchange: "okx", mark_price: 79_700 }),
      at(3, { exchange: "bybit", mark_price: 79_600 }),
      at(4, { exchange: "okx", mark_price: 79_500 }),
      at(5, { exchange: "bybit", mark_price: 79_400 }),
    ).filter(({ cascade_id }) => cascade_id !== null);
    expect(answers.map(({ cross_exchange_lag_ms }) => cross_exchange_lag_ms)).toEqual([2_400, -2_400, 2_400, -2_400]);
    expect(answers.map(({ burst_age_ms }) => burst_age_ms)).toEqual([2_400, 3_000, 4_000, 5_000]);
  });

  test("takes no event of before its start", () => {
    const { answer } = watch();
    answer(...aCascade());
    const [late] = answer(at(-2, { exchange: "okx", received_time: T0 + 4_000 }));
    expect(late).toMatchObject({ cascade_id: null, burst_age_ms: 0, cross_exchange_lag_ms: null });
  });

  test("does not start under the 99th percentile of its own velocity", () => {
    const asked: unknown[] = [];
    const { published, offer } = watch(new CascadeMachine((...of) => (asked.push(of), 1e9)));
    offer(...aCascade());
    expect(published).toEqual([]);
    expect(asked[0]).toEqual(["BTC", "long", 0.99]);
  });

  test("of shorts starts on a rising mark", () => {
    const { published, offer } = watch();
    offer(...aCascade({ position_side: "short" }).map((event, index) => ({ ...event, mark_price: 80_000 + index * 100 })));
    expect(published).toMatchObject([{ kind: "started", record: { position_side: "short", move_bps: 37.5 } }]);
  });

  test("starts at a move of 3 σ √90 and not a hair before", () => {
    const bar = 80_000 * (1 - BAR_BPS / 1e4);
    for (const [mark, count] of [
      [bar + 0.01, 0],
      [bar - 0.01, 1],
    ] as const) {
      const { published, offer } = watch();
      offer(at(0), at(1), at(2), at(3, { mark_price: mark }));
      expect(published.length).toBe(count);
    }
  });

  test("compares only marks of one venue: another venue's lower mark is no fall", () => {
    const { published, offer } = watch();
    offer(
      at(0, { exchange: "bybit" }),
      at(1, { exchange: "okx", mark_price: 79_000 }),
      at(2, { exchange: "bybit" }),
      at(3, { exchange: "okx", mark_price: 79_000 }),
    );
    expect(published).toEqual([]);
  });

  test("escalates with its size and its move, one step of severity at a time, and never falls back", () => {
    const { published, offer, machine } = watch();
    offer(
      ...aCascade(),
      at(4, { usd_value: 3_000_000, mark_price: 79_800 }),
      at(5, { usd_value: 12_000_000, mark_price: 79_000 }),
      at(6, { mark_price: 80_000 }),
    );
    expect(published.map(({ kind, record }) => [kind, record.severity])).toEqual([
      ["started", 1],
      ["escalated", 2],
      ["escalated", 4],
    ]);
    expect(machine.running()).toMatchObject([{ state: "active", severity: 4, extreme_mark: 79_000, events: 7 }]);
  });

  test("cools once its velocity was under half its peak for 30 s, and is active again when it picks up", () => {
    const { machine, offer } = watch();
    offer(...aCascade());
    // Half its peak is 41.6 s after the last event; the floor is held by single events above it.
    offer(at(50, { usd_value: 1000 }));
    expect(machine.running()).toMatchObject([{ state: "active" }]);
    offer(at(81, { usd_value: 1000 }));
    expect(machine.running()).toMatchObject([{ state: "cooling" }]);
    offer(at(82, { usd_value: 2_000_000 }));
    expect(machine.running()).toMatchObject([{ state: "active" }]);
  });

  test("goes on with the id and the totals of a neighbour that ended within 60 s of its start", () => {
    const { machine, published, offer } = watch();
    offer(...aCascade());
    published.push(...machine.tick(T0 + 63_000));
    offer(at(59, { usd_value: 10_000 }), ...[60, 61, 62, 63].map((second, index) => at(second, { mark_price: 79_800 - index * 100 })));
    expect(published.map(({ kind }) => kind)).toEqual(["started", "ended", "started", "escalated"]);
    expect(published[2]?.record).toMatchObject({ cascade_id: `BTC-long-${T0}`, start_time: T0, first_exchange: "bybit", end_time: null });
    // Four, the straggler of 10 000 USD, and the events up to the one that made it active again.
    expect(machine.running()).toMatchObject([{ events: 9, usd: 1_200_000 + 10_000 + 1_200_000 }]);
    published.push(...machine.tick(T0 + 200_000));
    expect(published.map(({ kind }) => kind)).toEqual(["started", "ended", "started", "escalated", "ended"]);
    expect(new Set(published.map((transition) => cascadeMoved(transition, 0).id)).size, "each is delivered").toBe(5);
  });

  test("is another one when it starts later than that", () => {
    const { machine, published, offer } = watch();
    offer(...aCascade());
    published.push(...machine.tick(T0 + 63_000));
    offer(
      ...aCascade().map((event) => ({
        ...event,
        event_id: `${event.event_id}-later`,
        event_time: event.event_time + 200_000,
        received_time: event.received_time + 200_000,
      })),
    );
    expect(new Set(published.map(({ record }) => record.cascade_id)).size).toBe(2);
  });

  test("is market-wide where three base assets are active within 60 s, also for those already published", () => {
    const { published, offer } = watch();
    for (const symbol of ["BTC", "ETH", "SOL"]) offer(...aCascade({ symbol }));
    expect(published.map(({ kind, record }) => [kind, record.symbol, record.market_wide])).toEqual([
      ["started", "BTC", false],
      ["started", "ETH", false],
      ["started", "SOL", false],
      ["escalated", "BTC", true],
      ["escalated", "ETH", true],
      ["escalated", "SOL", true],
    ]);
    expect(published.at(-1)?.record.severity).toBeGreaterThan(published[2]?.record.severity ?? 5);
  });

  test("is not market-wide by the other side's cascades", () => {
    const { published, offer } = watch();
    offer(...aCascade({ symbol: "BTC" }), ...aCascade({ symbol: "ETH" }));
    offer(...aCascade({ symbol: "SOL", position_side: "short" }).map((event, index) => ({ ...event, mark_price: 80_000 + index * 100 })));
    expect(published.length).toBe(3);
    expect(published.some(({ record }) => record.market_wide)).toBe(false);
  });

  test("carries the gaps inside it, as they are known when it is published", () => {
    const { machine, published, offer } = watch();
    machine.noteGap({ exchange: "okx", from_time: T0 - 60_000, to_time: T0 - 50_000, reason: "silent" });
    machine.noteGap({ exchange: "okx", from_time: T0 + 1000, to_time: null, reason: "silent" });
    offer(...aCascade());
    expect(published[0]?.record.gaps).toEqual([{ exchange: "okx", from_time: T0 + 1000, to_time: null, reason: "silent" }]);
    machine.noteGap({ exchange: "okx", from_time: T0 + 1000, to_time: T0 + 2000, reason: "silent" });
    expect(machine.tick(T0 + 63_000)[0]?.record.gaps).toEqual([
      { exchange: "okx", from_time: T0 + 1000, to_time: T0 + 2000, reason: "silent" },
    ]);
  });

  test("counts a late event that lies inside it, and none from before it", () => {
    const { machine, offer } = watch();
    offer(...aCascade());
    offer(
      at(2, { event_time: T0 + 2500, received_time: T0 + 10_000, usd_value: 7 }),
      at(0, { event_time: T0 - 5000, received_time: T0 + 11_000 }),
    );
    expect(machine.running()).toMatchObject([{ events: 5, usd: 1_200_007 }]);
  });

  test("goes on after a restart from its snapshot as JSON", () => {
    const { machine, state, offer } = watch();
    offer(...aCascade());
    const restored = new CascadeMachine(() => 1000);
    restored.restore(JSON.parse(JSON.stringify(machine.snapshot())), state);
    expect(restored.running()).toEqual(machine.running());
    expect(restored.tick(T0 + 63_000)).toMatchObject([{ kind: "ended" }]);
    const empty = new CascadeMachine(() => 1000);
    for (const kept of [undefined, null, 3, {}]) empty.restore(kept, state);
    expect(empty.running()).toEqual([]);
  });

  test("that only builds is not published and is dropped", () => {
    const { machine, published, offer } = watch();
    offer(...aCascade({ mark_price: 80_000 }));
    expect(machine.running()).toMatchObject([{ state: "building" }]);
    expect(machine.tick(T0 + 63_000)).toEqual([]);
    expect(machine.running()).toEqual([]);
    expect(published).toEqual([]);
  });

  test("does not change when the clock runs back", () => {
    const { machine, offer } = watch();
    offer(...aCascade());
    expect(machine.tick(T0 - 3_600_000)).toEqual([]);
    expect(machine.running()).toMatchObject([{ state: "active", events: 4 }]);
  });

  test("that began to build before the volatility was known becomes active once it is", () => {
    const { published, offer } = watch();
    offer(...aCascade({ volatility_5m: null }));
    expect(published).toEqual([]);
    offer(at(4, { exchange: "bybit", mark_price: 79_800 }));
    expect(published).toMatchObject([{ kind: "started", record: { start_time: T0, events: 5 } }]);
  });

  test("has the bar of before its flow, which a jump two minutes before does not raise", () => {
    const { published, offer } = watch();
    const calm = Array.from({ length: 12 }, (_, minute) => at(-720 + 60 * minute, { exchange: "bybit", usd_value: 100 }));
    const jumped = at(-60, { exchange: "bybit", usd_value: 100, volatility_5m: 20 * VOLATILITY });
    offer(...calm.slice(0, -1), jumped, ...aCascade({ volatility_5m: 20 * VOLATILITY }));
    expect(published).toMatchObject([{ kind: "started" }]);
  });

  test("no longer builds once the velocity is under the minimum: an old move does not make it active", () => {
    const { machine, published, offer } = watch(new CascadeMachine(() => 10_000));
    offer(...aCascade({ mark_price: 80_000 }));
    expect(machine.running()).toMatchObject([{ state: "building" }]);
    expect(machine.tick(T0 + 50_000)).toEqual([]);
    expect(machine.running()).toEqual([]);
    expect(published).toEqual([]);
  });

  test("compares its mark with that of 90 s ago, not with that of when it began to build", () => {
    const { published, offer } = watch();
    const slow = Array.from({ length: 40 }, (_, index) => at(10 * index, { exchange: "bybit", mark_price: 80_000 - 4 * index }));
    offer(...slow);
    expect(published).toEqual([]);
  });

  test("has the most USD of any one second and of any five, also where the mean of a minute is far lower", () => {
    const { machine, offer } = watch();
    offer(...aCascade(), at(10, { usd_value: 2_000_000 }), at(10.5, { usd_value: 1_000_000 }), at(13, { usd_value: 500_000 }));
    expect(machine.running()).toMatchObject([{ peak_usd_per_s: 3_000_000, peak_5s_usd: 3_500_000, peak_time: T0 + 10_500 }]);
  });
});
