import { expect, test } from "vitest";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { type StoredDay, replayDays } from "../../../src/backtest/replay-days.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { DAY, liquidation, replayWith } from "./events.ts";

/** A liquidation every five minutes of a day, of ever other sizes. */
function busyDay(day: number, gaps: readonly Gap[] = []): StoredDay {
  return {
    events: Array.from({ length: 288 }, (_, n) => liquidation(day + n * 5 * MINUTE_MS, { usd_value: 1_000 * (1 + ((n * n) % 11)) })),
    gaps,
  };
}

async function replayed(stored: ReadonlyMap<number, StoredDay>, judged: { readonly start: number; readonly end: number }) {
  const gaps = new KnownGaps();
  const config = parseConfig({
    LIQUIDATION_SYMBOLS: "BTC",
    LIQUIDATION_SPIKE_FLOOR_USD: "0",
    LIQUIDATION_SPIKE_PERCENTILE: "0",
    LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: "60",
  });
  const replay = replayWith({ config, judged, gaps });
  const asked: number[] = [];
  const readDay = (day: number) => {
    asked.push(day);
    return Promise.resolve(stored.get(day) ?? null);
  };
  return {
    replay,
    asked,
    days: await replayDays(replay, judged, { readDay, readMarks: () => Promise.resolve([]) }, gaps, ["binance", "bybit"]),
    gaps,
  };
}

test("a range is replayed with thirty days before it and the day of its grades, each read once", async () => {
  const judged = { start: DAY + 6 * HOUR_MS, end: DAY + 18 * HOUR_MS };
  const stored = new Map([-2, -1, 0, 1].map((n) => [DAY + n * DAY_MS, busyDay(DAY + n * DAY_MS)]));
  const { replay, asked, days } = await replayed(stored, judged);
  expect(asked).toEqual(Array.from({ length: 32 }, (_, n) => DAY + (n - 30) * DAY_MS));
  expect(days).toEqual({ missing: [], historyDays: 2, historyDaysWanted: 30, marks: 0 });
  expect(replay.counts.in_range).toBe(144);
  expect(replay.ledger.signals.length).toBeGreaterThan(3);
  expect(replay.ledger.waiting).toBe(0);
  expect(replay.ledger.grades.filter(({ grade }) => grade !== null)).toHaveLength(5 * replay.ledger.signals.length);
});

test("a day of which nothing is stored is said and counts as not covered", async () => {
  const judged = { start: DAY, end: DAY + 2 * DAY_MS };
  const stored = new Map([-1, 1].map((n) => [DAY + n * DAY_MS, busyDay(DAY + n * DAY_MS)]));
  const { replay, days } = await replayed(stored, judged);
  expect(days.missing).toEqual([DAY]);
  const symbolWindows = replay.symbolWindows("BTC", DAY + DAY_MS + 10 * MINUTE_MS);
  expect(symbolWindows.find(({ window }) => window === "15m")).toMatchObject({
    // All the USD is of Binance.
    previous_uptime_share: expect.closeTo(0, 9),
    comparison: { exchanges: ["okx", "bitfinex", "gate", "bitget", "htx"], share: 0 },
  });
});

test("a gap that the next day's files tell of is known, and has no end while it lasts", async () => {
  const gap: Gap = { exchange: "binance", from_time: DAY + 23 * HOUR_MS, to_time: DAY + 25 * HOUR_MS, reason: "silent" };
  const stored = new Map([
    [DAY - DAY_MS, busyDay(DAY - DAY_MS)],
    [DAY, busyDay(DAY)],
    [DAY + DAY_MS, busyDay(DAY + DAY_MS, [gap])],
  ]);
  const { gaps } = await replayed(stored, { start: DAY, end: DAY + DAY_MS });
  const during = gaps.overlapping({ start: DAY, end: DAY + DAY_MS }, DAY + 24 * HOUR_MS);
  expect(during.filter(({ exchange, reason }) => exchange === "binance" && reason === "silent")).toEqual([{ ...gap, to_time: null }]);
  expect(gaps.overlapping({ start: DAY, end: DAY + DAY_MS }, DAY + 23 * HOUR_MS)).toEqual([]);
});
