import { describe, expect, test } from "vitest";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { RunningMarks } from "../../../src/backtest/running-marks.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { pathVenue } from "../../../src/signals/path-venue.ts";
import { sigmaHourBps } from "../../../src/signals/sigma-hour.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { at, liquidation } from "../backtest/events.ts";

const END = at("10:00");
/** The minutes before the end that a venue reported, by how long before it they began. */
const minutes = (exchange: ExchangeName, ago: readonly number[]) => ago.map((count) => ({ minute: END - count * MINUTE_MS, exchange }));
const range = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe("the venue of a path", () => {
  test("is the one with the most minutes, though a preferred one has others", () => {
    expect(pathVenue([...minutes("binance", range(40, 1)), ...minutes("okx", range(60, 1))], END)).toBe("okx");
  });

  test("is the preferred one of those with as many", () => {
    expect(pathVenue([...minutes("okx", range(60, 1)), ...minutes("bybit", range(60, 1))], END)).toBe("bybit");
  });

  test("has a mark that is not stale, or there is none", () => {
    const silent = minutes("binance", range(60, 6));
    expect(pathVenue([...silent, ...minutes("okx", [5, 4])], END)).toBe("okx");
    expect(pathVenue(silent, END)).toBeNull();
    expect(pathVenue([], END)).toBeNull();
  });

  test("is chosen by whole minutes: of the one that is not over, no two readers know as much", () => {
    const even = [...minutes("okx", range(60, 1)), ...minutes("bybit", range(60, 1))];
    expect(pathVenue([...even, ...minutes("okx", [0])], END)).toBe("bybit");
    expect(pathVenue(minutes("okx", [0]), END)).toBeNull();
  });
});

test("a basis of 12 bps is no volatility where the preferred venue misses minutes", () => {
  const book = new MarkBook();
  const put = (exchange: ExchangeName, ago: number, price: number) =>
    book.put({ symbol: "BTC", exchange, minute: END - ago * MINUTE_MS, open: price, high: price, low: price, close: price });
  for (const ago of range(60, 1)) {
    put("okx", ago, 100);
    if (ago % 3 !== 0) put("binance", ago, 100.12);
  }
  const marks = book.venueMarks("BTC", { start: at("09:00"), end: END }, END);
  const exchange = pathVenue(marks, END);
  expect(exchange).toBe("okx");
  expect(
    sigmaHourBps(
      marks.filter((mark) => mark.exchange === exchange),
      END,
      null,
    ),
  ).toBe(0);
});

test("the running minute is known by venue, so that no path ends on another venue's price", () => {
  const running = new RunningMarks();
  for (const [exchange, mark_price] of [
    ["okx", 100],
    ["binance", 100.12],
    ["okx", 99],
  ] as const)
    running.add(liquidation(at("10:00:30"), { exchange, mark_price }));
  const marks = running.at("BTC", at("10:00:40"));
  expect(marks).toEqual([
    { minute: END, exchange: "okx", high: 100, low: 99, close: 99 },
    { minute: END, exchange: "binance", high: 100.12, low: 100.12, close: 100.12 },
  ]);
  expect(running.at("BTC", END)).toEqual([]);
});
