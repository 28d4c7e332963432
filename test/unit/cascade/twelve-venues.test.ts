import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FlowReader } from "../../../src/cascade/cross-venue-state.ts";
import { packRows, ROW_FORMAT, unpackRows } from "../../../src/cascade/history-rows.ts";
import { SecondBucket } from "../../../src/cascade/second-bucket.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { aLiquidation, stateOptions, T0 } from "./cascade-fixtures.ts";

const NAMES = "../../../src/liquidation-fields.ts";
/** The five venues there are and the seven that come next. */
const VENUES = "binance bybit okx kucoin bitfinex gate bitget htx lighter aster bitmex deribit".split(" ") as ExchangeName[];

async function load() {
  return {
    ...(await import("../../../src/cascade/cascade-machine.ts")),
    ...(await import("../../../src/cascade/cross-venue-state.ts")),
  };
}

let modules: Awaited<ReturnType<typeof load>>;

function nameVenues(names: readonly string[]): void {
  vi.resetModules();
  vi.doMock(NAMES, async (original) => ({ ...(await original<object>()), EXCHANGES: names }));
}

beforeAll(async () => {
  nameVenues(VENUES);
  modules = await load();
});

// The files of a worker share its modules.
afterAll(() => {
  vi.doUnmock(NAMES);
  vi.resetModules();
});

const LAST_FOUR = VENUES.slice(-4).toReversed();
const usdOf = (state: FlowReader) => [...state.between("BTC", "long", T0 - 1, T0 + 5_000, T0 + 2_000).usdByExchange];

/** One event a venue in the order of the list, each 100 ms and 1,000 USD after the one before. */
const oneEach = VENUES.map((exchange, index) =>
  aLiquidation({ exchange, event_time: T0 + 100 * index, received_time: T0 + 2_000, usd_value: 1_000 * (index + 1) }),
);

describe("with twelve venues", () => {
  test("each venue's events count as its own: how many there are, who had most, who was first elsewhere", () => {
    const answers = new modules.CrossVenueState(stateOptions()).observe(oneEach, T0 + 2_000);
    expect(answers.map((answer) => answer.concurrent_exchanges)).toEqual(VENUES.map((_, index) => index + 1));
    expect(answers.map((answer) => answer.dominant_exchange)).toEqual(VENUES);
    expect(answers.map((answer) => answer.cross_exchange_lag_ms)).toEqual([null, ...VENUES.slice(1).map((_, index) => 100 * (index + 1))]);
  });

  test("sums over the same second cut by a window's edge keep the venues apart", () => {
    const state = new modules.CrossVenueState(stateOptions());
    state.observe(oneEach, T0 + 2_000);
    const cut = state.between("BTC", "long", T0 + 250, T0 + 850, T0 + 2_000);
    expect([...cut.usdByExchange]).toEqual(VENUES.map((_, index) => (index >= 3 && index <= 8 ? 1_000 * (index + 1) : 0)));
  });

  test("a restart finds every event on the venue it was on", () => {
    const before = new modules.CrossVenueState(stateOptions());
    before.observe(oneEach, T0 + 2_000);
    const after = new modules.CrossVenueState(stateOptions());
    after.restore(before.snapshot());
    expect(after.size).toBe(VENUES.length);
    expect(usdOf(after)).toEqual(usdOf(before));
    after.observe(oneEach, T0 + 2_000);
    expect(after.size, "and takes none of them twice").toBe(VENUES.length);
  });

  test("a cascade that a late venue of the list began names it and those that joined", () => {
    const machine = new modules.CascadeMachine(() => 0);
    const state = new modules.CrossVenueState(
      stateOptions({
        cascadeOf: (event, flow, reader) => {
          machine.observe(event, flow, reader);
          return machine.cascadeOf(event);
        },
      }),
    );
    // The window of the last one begins within the second of the first two, and leaves the first out.
    const events = [
      aLiquidation({ exchange: "binance", event_time: T0 + 100, usd_value: 1 }),
      ...LAST_FOUR.map((exchange, index) =>
        aLiquidation({ exchange, event_time: T0 + ([900, 30_000, 60_000, 90_500][index] ?? 0), usd_value: 300_000 }),
      ),
    ];
    for (const event of events) state.observe([event], event.received_time);
    expect(machine.running()[0]).toMatchObject({ first_exchange: "deribit", exchanges: LAST_FOUR.toReversed(), events: 4 });
  });
});

describe("rows of the stored history", () => {
  const row = { time: T0 + 5, usd: 1_000.25, received: T0 + 70, exchange: 11, idHash: 2 ** 53 - 1 };

  test("are read as they were packed", () => {
    expect([...unpackRows(packRows([row, { ...row, exchange: 0 }]), ROW_FORMAT)]).toEqual([row, { ...row, exchange: 0 }]);
  });

  test("that were written with room for eight venues are read so", () => {
    const written = Float64Array.from(
      [
        [1_795_251_903_412, 41_756.25, 14_362_015_228_241, 7_821_446_339_334_114],
        [1_795_251_904_100, Number.NaN, 14_362_015_237_204, 8_579_107_457_331_910],
      ].flat(),
    );
    expect([...unpackRows(written, 1)]).toEqual([
      { time: 1_795_251_903_412, usd: 41_756.25, received: 1_795_251_903_530, exchange: 1, idHash: 7_821_446_339_334_114 },
      { time: 1_795_251_904_100, usd: Number.NaN, received: 1_795_251_904_650, exchange: 4, idHash: 8_579_107_457_331_910 },
    ]);
  });

  test("of a format that this code does not know are refused by name", () => {
    expect(() => [...unpackRows(packRows([row]), 3)]).toThrow("history rows have format 3; this code reads formats 1, 2");
  });
});

test("a bucket returns the venue of each row, up to the last slot", () => {
  const bucket = new SecondBucket(T0 / 1000);
  for (const [offset, exchange] of [0, 7, 8, 11].entries()) bucket.add(offset, 1, T0, exchange, exchange);
  expect([...bucket.rows()].map(({ time, exchange }) => [time - T0, exchange])).toEqual([
    [0, 0],
    [1, 7],
    [2, 8],
    [3, 11],
  ]);
  expect([bucket.has(2, 8), bucket.has(3, 8)]).toEqual([true, false]);
});

test("more venues than there are slots stop the program at its start", async () => {
  nameVenues(Array.from({ length: 257 }, (_, index) => `venue${index}`));
  await expect(import("../../../src/cascade/second-bucket.ts")).rejects.toThrow("there are 257 venues, but buckets can hold only 256");
});
