import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../../../scripts/simulator/random.ts";
import { CascadeMachine } from "../../../src/cascade/cascade-machine.ts";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { CrossVenueState } from "../../../src/cascade/cross-venue-state.ts";
import { MAX_LATENESS_MS } from "../../../src/lateness.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { aLiquidation, stateOptions, T0 } from "./cascade-fixtures.ts";

const BEAT_MS = 10_000;

/** What the hub stores of cascades: the latest record of each, as beats and transitions write it. */
class Hub {
  readonly machine = new CascadeMachine(() => 1_000);
  readonly stored = new Map<string, CascadeRecord>();
  readonly state = new CrossVenueState(
    stateOptions({
      cascadeOf: (event, flow, reader) => {
        for (const { record } of this.machine.observe(event, flow, reader)) this.#store(record);
        return this.machine.cascadeOf(event);
      },
    }),
  );
  #now = T0 - BEAT_MS;

  receive(...events: readonly Liquidation[]): void {
    for (const event of events.toSorted((a, b) => a.received_time - b.received_time)) {
      this.beatUntil(event.received_time);
      this.state.observe([event], event.received_time);
    }
  }

  beatUntil(time: number): void {
    for (; this.#now + BEAT_MS <= time; this.#now += BEAT_MS) {
      for (const { record } of this.machine.tick(this.#now + BEAT_MS)) this.#store(record);
      for (const record of this.machine.running()) if (record.state !== "building") this.#store(record);
      for (const record of this.machine.takeRevised()) this.#store(record);
    }
  }

  get only(): CascadeRecord | undefined {
    expect(this.stored.size).toBe(1);
    return [...this.stored.values()][0];
  }

  #store(record: CascadeRecord): void {
    this.stored.set(record.cascade_id, record);
  }
}

function at(second: number, changes: Partial<Liquidation> = {}): Liquidation {
  const event_time = T0 + Math.round(second * 1_000);
  return aLiquidation({ event_time, received_time: event_time, usd_value: 300_000, volatility_5m: 0.001, mark_price: 80_000, ...changes });
}

const later = (event: Liquidation, ms: number): Liquidation => ({ ...event, received_time: event.event_time + ms });

/** The mark falls by 0.1 % a second, so that the fourth makes the cascade active. */
const falling = (count: number) =>
  Array.from({ length: count }, (_, index) => at(index, { exchange: "bybit", mark_price: 80_000 - 80 * index }));

function mostWithin(events: readonly Liquidation[], lengthMs: number): number {
  const sums = events.map(({ event_time: end }) =>
    events.reduce((sum, { event_time, usd_value }) => sum + (event_time > end - lengthMs && event_time <= end ? (usd_value ?? 0) : 0), 0),
  );
  return Math.max(...sums);
}

/** A minute of liquidations on three venues, Bybit at once and the others up to so much later, in no order. */
function burst(random: Random, latestMs: number): readonly Liquidation[] {
  return Array.from({ length: 150 }, () => {
    const exchange = random.weighted([
      ["bybit", 2],
      ["binance", 1],
      ["okx", 1],
    ] as const);
    const second = 4 + 50 * random.uniform() ** 2;
    return later(
      at(second, { exchange, mark_price: null, usd_value: 1_000 * random.integer(500) }),
      exchange === "bybit" ? 0 : random.integer(latestMs),
    );
  });
}

describe("late liquidations", () => {
  test.each([2_000, 20_000, 400_000])(
    "count in the peaks, sums and venues of their cascade when they come up to %i ms late, in any order",
    (latestMs) => {
      const random = createRandom(21, "late");
      for (let round = 0; round < 20; round += 1) {
        const hub = new Hub();
        const events = [...falling(4), ...burst(random, latestMs)];
        hub.receive(...events);
        hub.beatUntil(T0 + 600_000);
        const inside = events.filter(({ event_time }) => event_time <= (hub.only?.end_time ?? 0));
        expect(hub.only?.peak_usd_per_s).toBeCloseTo(mostWithin(inside, 1_000), 3);
        expect(hub.only?.peak_5s_usd).toBeCloseTo(mostWithin(inside, 5_000), 3);
        expect(hub.only).toMatchObject({ state: "ended", start_time: T0, events: inside.length, exchanges: ["binance", "bybit", "okx"] });
      }
    },
  );

  test("of another venue, that a later call brings with the same receipt, count", () => {
    const hub = new Hub();
    const received = T0 + 3_100;
    hub.receive(...falling(3));
    for (const [exchange, usd_value] of [
      ["bybit", 300_000],
      ["okx", 900_000],
    ] as const) {
      const event = at(3, { exchange, usd_value, mark_price: 79_760, received_time: received });
      hub.state.observe([event], received);
    }
    expect(hub.machine.running()).toMatchObject([{ state: "active", events: 5, usd: 2_100_000, exchanges: ["bybit", "okx"] }]);
  });

  test("of before move the start of a running cascade, under the same id", () => {
    const hub = new Hub();
    hub.receive(...falling(6));
    const id = hub.machine.running()[0]?.cascade_id;
    hub.receive(...[-3, -2, -1].map((second) => later(at(second, { exchange: "okx" }), 12_000)));
    expect(hub.machine.running()).toMatchObject([
      { cascade_id: id, start_time: T0 - 3_000, events: 9, usd: 2_700_000, exchanges: ["bybit", "okx"], first_exchange: "okx" },
    ]);
  });

  test("of before move the start of a cascade that has ended, and are no cascade of their own", () => {
    const hub = new Hub();
    hub.receive(...falling(6));
    hub.beatUntil(T0 + 80_000);
    expect(hub.only).toMatchObject({ state: "ended", start_time: T0, events: 6 });
    hub.receive(...[-3, -2, -1].map((second) => later(at(second, { exchange: "okx" }), 300_000)));
    hub.beatUntil(T0 + 310_000);
    expect(hub.only).toMatchObject({ state: "ended", start_time: T0 - 3_000, end_time: T0 + 5_000, events: 9, first_exchange: "okx" });
  });

  test("give a start that is later where they show that what came first was no part of the flow", () => {
    const hub = new Hub();
    const steady = Array.from({ length: 21 }, (_, index) => later(at(-86 + 4 * index, { exchange: "okx" }), 100_000));
    const flow = Array.from({ length: 12 }, (_, index) => at(index / 4, { exchange: "bybit", mark_price: index < 11 ? 80_000 : 79_700 }));
    hub.receive(at(-1.2, { exchange: "bybit" }), ...flow);
    expect(hub.machine.running()).toMatchObject([{ start_time: T0 - 1_200, events: 13, peak_usd_per_s: 1_200_000 }]);
    hub.receive(...steady);
    hub.beatUntil(T0 + 120_000);
    expect(hub.only).toMatchObject({ start_time: T0, events: 12, usd: 3_600_000, peak_usd_per_s: 1_200_000 });
  });

  test("that fill the pause before a cascade do not move its start into the one before it", () => {
    const hub = new Hub();
    const again = falling(6).map((event) => at(100 + (event.event_time - T0) / 1_000, { exchange: "bybit", mark_price: event.mark_price }));
    hub.receive(...falling(6), ...again);
    expect(hub.machine.running()).toMatchObject([{ start_time: T0 + 100_000, events: 6 }]);
    hub.receive(...Array.from({ length: 90 }, (_, second) => later(at(10.5 + second, { exchange: "okx" }), 100_000)));
    hub.beatUntil(T0 + 300_000);
    const [first, second] = [...hub.stored.values()];
    expect(first).toMatchObject({ start_time: T0, events: 6 });
    expect(second?.start_time).toBeGreaterThan(T0 + 65_000);
  });

  test("count where they are received with the one that continues the cascade they belong to", () => {
    const hub = new Hub();
    hub.receive(...falling(6));
    hub.beatUntil(T0 + 70_000);
    const again = falling(4).map((event) => at(64 + (event.event_time - T0) / 1_000, { exchange: "bybit", mark_price: event.mark_price }));
    const received = T0 + 71_000;
    const together = [...again, at(4.5, { exchange: "okx" })].map((event) => ({ ...event, received_time: received }));
    hub.state.observe(together, received);
    expect(hub.machine.running()).toMatchObject([{ start_time: T0, events: 11, usd: 3_300_000, exchanges: ["bybit", "okx"] }]);
  });

  test("change the last cascade that was still going on at their time, also where another came since", () => {
    const hub = new Hub();
    const again = falling(4).map((event) => at(200 + (event.event_time - T0) / 1_000, { exchange: "bybit", mark_price: event.mark_price }));
    hub.receive(...falling(4), ...again, later(at(2.5, { usd_value: 700_000 }), 290_000), later(at(202.5, { usd_value: 900_000 }), 95_000));
    hub.beatUntil(T0 + 320_000);
    expect([...hub.stored.values()]).toMatchObject([
      { start_time: T0, events: 5, peak_usd_per_s: 1_000_000 },
      { start_time: T0 + 200_000, events: 5, peak_usd_per_s: 1_200_000 },
    ]);
  });

  test("count once where they are received with the one that makes their cascade active, or sent again", () => {
    const hub = new Hub();
    const together = falling(6).map((event) => ({ ...event, received_time: T0 + 6_000 }));
    hub.state.observe(together, T0 + 6_000);
    hub.receive(...together);
    hub.beatUntil(T0 + 90_000);
    expect(hub.only).toMatchObject({ events: 6, usd: 1_800_000, peak_usd_per_s: 300_000, peak_5s_usd: 1_500_000 });
  });

  test("are counted after a restart as without it", () => {
    const [whole, cut] = [new Hub(), new Hub()];
    const random = createRandom(22, "restart");
    const events = [...falling(4), ...burst(random, 200_000)].toSorted((a, b) => a.received_time - b.received_time);
    whole.receive(...events);
    whole.beatUntil(T0 + 400_000);
    cut.receive(...events.slice(0, 90));
    const resumed = new Hub();
    resumed.state.restore(cut.state.snapshot());
    resumed.machine.restore(JSON.parse(JSON.stringify(cut.machine.snapshot())), resumed.state);
    resumed.receive(...events.slice(90));
    resumed.beatUntil(T0 + 400_000);
    expect(resumed.only).toEqual(whole.only);
  });

  test("are forgotten with their cascade once its venues may send none any more", () => {
    const hub = new Hub();
    hub.receive(...falling(4));
    hub.beatUntil(T0 + MAX_LATENESS_MS);
    expect(hub.machine.snapshot().sides).toMatchObject([{ ended: [{ events: 4 }] }]);
    hub.beatUntil(T0 + MAX_LATENESS_MS + 30_000);
    expect(hub.machine.snapshot().sides).toEqual([]);
  });
});
