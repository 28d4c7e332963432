import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MinuteMarks, usdtInstruments } from "../../../src/market/minute-marks.ts";
import { UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { anInstrument } from "./market-fixtures.ts";

const MINUTE = 1_790_000_040_000;

describe("minute marks", () => {
  test("open, high, low and close go by the venue's time, whatever the order of arrival", () => {
    const marks = new MinuteMarks("okx");
    for (const [price, second] of [
      [102, 30],
      [99, 59],
      [100, 1],
      [105, 40],
      [98, 50],
    ] as const)
      marks.add("BTC", price, MINUTE + second * 1000);
    expect(marks.drainClosed(MINUTE + 65_000)).toEqual([
      { minute: MINUTE, symbol: "BTC", exchange: "okx", open: 100, high: 105, low: 98, close: 99, samples: 5, ...UNKNOWN_MINUTE_MARKET },
    ]);
  });

  test("a minute is given out once, 5 s after its end, and a later straggler does not reopen it", () => {
    const marks = new MinuteMarks("okx");
    marks.add("BTC", 100, MINUTE);
    expect(marks.drainClosed(MINUTE + 64_999)).toEqual([]);
    marks.add("BTC", 101, MINUTE + 59_999);
    expect(marks.drainClosed(MINUTE + 65_000)).toMatchObject([{ close: 101, samples: 2 }]);
    marks.add("BTC", 90, MINUTE + 59_000);
    expect(marks.drainClosed(MINUTE + 66_000)).toEqual([]);
  });

  test("a minute has the mean of its spreads, and the last volume and funding rate known", () => {
    const marks = new MinuteMarks("okx");
    const sample = (second: number, spread_bps: number | null, volume_usd: number | null, funding_rate: number | null) => {
      marks.add("BTC", 100, MINUTE + second * 1000);
      marks.addMarket("BTC", { ...UNKNOWN_MINUTE_MARKET, spread_bps, volume_usd, funding_rate }, MINUTE + second * 1000);
    };
    sample(1, 2, null, 0.0001);
    sample(6, null, 500, null);
    sample(11, 6, 700, 0.0002);
    sample(16, null, null, null);
    sample(61, 10, null, null);
    expect(marks.drainClosed(MINUTE + 65_000)).toMatchObject([{ samples: 4, spread_bps: 4, volume_usd: 700, funding_rate: 0.0002 }]);
    expect(marks.running()).toMatchObject([{ samples: 1, spread_bps: 10, volume_usd: null, funding_rate: null }]);
  });

  test("a market without a mark of its minute is ignored", () => {
    const marks = new MinuteMarks("okx");
    marks.addMarket("BTC", { ...UNKNOWN_MINUTE_MARKET, spread_bps: 1, volume_usd: 1, funding_rate: 1 }, MINUTE);
    expect(marks.running()).toEqual([]);
  });

  test("goes on from a snapshot of before minutes had a market", () => {
    const marks = new MinuteMarks("okx");
    const old = { minute: MINUTE, symbol: "BTC", exchange: "okx", open: 1, high: 1, low: 1, close: 1, samples: 1 };
    marks.restore({ minutes: [{ ...old, openTime: MINUTE, closeTime: MINUTE }], drainedUntil: 0 });
    marks.addMarket("BTC", { ...UNKNOWN_MINUTE_MARKET, spread_bps: 3 }, MINUTE + 1000);
    expect(marks.drainClosed(MINUTE + 65_000)).toEqual([{ ...old, ...UNKNOWN_MINUTE_MARKET, spread_bps: 3 }]);
  });

  test("goes on after a restart from its snapshot as JSON", () => {
    const marks = new MinuteMarks("okx");
    marks.add("BTC", 100, MINUTE + 1000);
    const restored = new MinuteMarks("okx");
    restored.restore(JSON.parse(JSON.stringify(marks.snapshot())));
    restored.add("BTC", 103, MINUTE + 2000);
    expect(restored.drainClosed(MINUTE + 65_000)).toMatchObject([{ open: 100, close: 103, samples: 2 }]);
  });

  test.each([undefined, null, 7, "x", {}, { minutes: 1 }])("starts empty where %o was kept", (kept) => {
    const marks = new MinuteMarks("okx");
    marks.restore(kept);
    expect(marks.snapshot().minutes).toEqual([]);
  });

  test("keeps nothing of a price that is none, nor of a time far in the future", () => {
    const marks = new MinuteMarks("okx");
    for (const price of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) marks.add("BTC", price, MINUTE);
    marks.add("BTC", 100, Number.NaN);
    marks.add("BTC", 100, MINUTE * 1000);
    expect(marks.drainClosed(MINUTE + 65_000)).toEqual([]);
    expect(marks.snapshot().minutes).toEqual([]);
  });

  test("keeps going by the venue's minutes after a clock that jumped ahead and back", () => {
    const marks = new MinuteMarks("okx");
    marks.add("BTC", 100, MINUTE);
    marks.drainClosed(MINUTE + 3_600_000);
    marks.add("BTC", 101, MINUTE + 60_000);
    expect(marks.drainClosed(MINUTE + 125_000)).toMatchObject([{ minute: MINUTE + 60_000, open: 101 }]);
  });

  test("equals a recomputation from all marks of the minute", () => {
    const mark = fc.record({ price: fc.integer({ min: 1, max: 1000 }), offset: fc.nat(59_999) });
    fc.assert(
      fc.property(fc.uniqueArray(mark, { selector: (each) => each.offset, minLength: 1 }), (all) => {
        const marks = new MinuteMarks("okx");
        for (const { price, offset } of all) marks.add("BTC", price, MINUTE + offset);
        const sorted = all.toSorted((a, b) => a.offset - b.offset).map((each) => each.price);
        expect(marks.drainClosed(MINUTE + 65_000)).toMatchObject([
          { open: sorted[0], high: Math.max(...sorted), low: Math.min(...sorted), close: sorted.at(-1), samples: all.length },
        ]);
      }),
    );
  });
});

test("the instrument that stands for a base asset is its trading USDT contract", () => {
  const table = [
    anInstrument({ instrument: "BTCUSD_PERP", quote: "USD", contract: { kind: "inverse", usd: 100 } }),
    anInstrument({ instrument: "BTCUSDT-OLD", trading: false }),
    anInstrument({ instrument: "BTCUSDT" }),
    anInstrument({ instrument: "BTCUSDC", quote: "USDC" }),
  ];
  expect([...usdtInstruments(table)]).toEqual([["BTCUSDT", "BTC"]]);
});
