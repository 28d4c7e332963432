import { expect, test } from "vitest";
import { lastMark } from "../../../dashboard/src/screens/live/last-mark.ts";

const candle = (time: number, close: number) => ({ time, exchange: "binance", open: 1, high: 1, low: 1, close, samples: 60 }) as const;
const price = (exchange: string, time: number, value: number) => ({ exchange, time, price: value });

test("the price is that of the venue of the chart, whichever venue liquidated last", () => {
  const marks = [candle(0, 100), candle(60_000, 101)];
  const ofEvents = [price("bitfinex", 150_000, 99), price("binance", 130_000, 102)];
  expect(lastMark(marks, 60_000, 120_000, ofEvents)).toEqual(price("binance", 130_000, 102));
  expect(lastMark(marks, 60_000, 120_000, [price("bitfinex", 150_000, 99)])).toEqual(price("binance", 120_000, 101));
  // An hour's candle that still runs has prices up to the last stored minute alone.
  expect(lastMark([candle(0, 100)], 3_600_000, 120_000, [])).toEqual(price("binance", 120_000, 100));
});

test("without stored prices it is the newest of any venue, with its name", () => {
  expect(lastMark([], 60_000, 0, [price("okx", 1, 5), price("bybit", 2, 6)])).toEqual(price("bybit", 2, 6));
  expect(lastMark([], 60_000, 0, [])).toBeNull();
});
