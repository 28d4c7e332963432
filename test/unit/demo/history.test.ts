import { beforeAll, expect, test } from "vitest";
import { type History, simulateHistory } from "../../../scripts/demo/history/simulate-history.ts";
import { type HistoricSignal, replayHistory } from "../../../scripts/demo/history/replay-history.ts";
import { assetOf } from "../../../scripts/simulator/assets.ts";
import { parseConfig } from "../../../src/config.ts";
import { storableRows } from "../../../src/storable.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const END = Date.UTC(2026, 10, 28, 8, 30);
const OPTIONS = { seed: 3, rate: 0.05, days: 1.25, symbols: ["BTC", "ETH", "SOL"], endTime: END };

let history: History;
let signals: readonly HistoricSignal[];

beforeAll(async () => {
  history = simulateHistory(OPTIONS);
  signals = await replayHistory(history, [], parseConfig({}));
});

test("the same seed gives the same history, another one another", () => {
  const short = { ...OPTIONS, days: 0.05 };
  const first = simulateHistory(short);
  expect(first.liquidations.length).toBeGreaterThan(100);
  expect(simulateHistory(short)).toEqual(first);
  expect(simulateHistory({ ...short, seed: 4 }).liquidations[0]).not.toEqual(first.liquidations[0]);
});

test("its liquidations are whole records with an id each, of the base assets collected, inside its time", () => {
  const { liquidations, startTime } = history;
  expect(liquidations.length).toBeGreaterThan(0.04 * (OPTIONS.days * DAY_MS) * 1e-3);
  expect(new Set(liquidations.map(({ event_id: id }) => id)).size).toBe(liquidations.length);
  expect(storableRows(liquidations)).toMatchObject({ refused: [], nulled: [] });
  expect(new Set(liquidations.map(({ symbol }) => symbol))).toEqual(new Set(OPTIONS.symbols));
  expect(liquidations.every(({ event_time: time }) => time > startTime && time <= END)).toBe(true);
});

test("its prices end where those of the live market begin, and every minute has a mark", () => {
  for (const symbol of OPTIONS.symbols) {
    const own = history.minuteMarks.filter((mark) => mark.symbol === symbol);
    expect(own.at(-1)?.close).toBeCloseTo(assetOf(symbol).price, 6);
    expect(own.length).toBe((OPTIONS.days * DAY_MS) / MINUTE_MS + 1);
  }
});

test("it has decisions, trades among them, with grades where they were due", () => {
  const trades = signals.filter(({ signal }) => signal.action !== "NOTHING");
  expect(trades.length).toBeGreaterThan(0);
  expect(signals.every(({ signal, input }) => signal.minute === input.minute)).toBe(true);
  const old = trades.find(({ signal }) => signal.minute < END - 60 * MINUTE_MS);
  expect([...(old?.grades.keys() ?? [])]).toContain("15m");
});
