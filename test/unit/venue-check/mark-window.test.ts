import { expect, test } from "vitest";
import { MarkWindow } from "../../../scripts/venue-check/mark-window.ts";

const mark = (window: MarkWindow, time: number, price: number) => window.mark("BTCUSDT", { time, price });

test("the marks around a moment are the first of ten seconds before, the newest at it and the last of ten seconds after", () => {
  const window = new MarkWindow();
  for (let second = 1; second <= 30; second += 1) mark(window, second * 1_000, second);
  const marks = window.around("BTCUSDT", 30_400);
  expect(marks).toEqual({ before: 21, at: 30, after: null });
  for (let second = 31; second <= 60; second += 1) mark(window, second * 1_000, second);
  expect(marks).toEqual({ before: 21, at: 30, after: 40 });
});

test("a mark too far from the moment says nothing, and the first after it stands for none before", () => {
  const window = new MarkWindow();
  mark(window, 1_000, 1);
  expect(window.around("BTCUSDT", 8_000)).toEqual({ before: 1, at: null, after: null });
  expect(window.around("BTCUSDT", 20_000)).toEqual({ before: null, at: null, after: null });
  const marks = window.around("ETHUSDT", 20_000);
  window.mark("ETHUSDT", { time: 22_000, price: 7 });
  expect(marks).toEqual({ before: null, at: 7, after: 7 });
});

test("a day of marks and moments is no more in memory than the last ten seconds", () => {
  const window = new MarkWindow();
  for (let time = 0; time < 3_600_000; time += 250) {
    mark(window, time, time);
    window.around("BTCUSDT", time);
    if (time % 1_000 === 0) window.around("NO-MARKS", time);
  }
  expect(window.size).toBeLessThanOrEqual(41 + 41 + 11);
});
