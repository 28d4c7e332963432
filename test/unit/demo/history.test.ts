import { beforeAll, expect, test } from "vitest";
import { type History, simulateHistory } from "../../../scripts/demo/history/simulate-history.ts";
import { playMarket } from "../../../scripts/demo/history/play-market.ts";
import { type HistoricSignal, replayHistory } from "../../../scripts/demo/history/replay-history.ts";
import { SIMULATED_MODEL } from "../../../scripts/demo/history/simulated-model.ts";
import { assetOf } from "../../../scripts/simulator/assets.ts";
import { parseConfig } from "../../../src/config.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { GENESIS } from "../../../src/signals/hash-chain.ts";
import { checkLedger } from "../../../src/signals/ledger.ts";
import { storableRows } from "../../../src/storable.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const END = Date.UTC(2026, 10, 28, 8, 30);
const OPTIONS = { seed: 3, rate: 0.1, days: 1.25, symbols: ["BTC", "ETH", "SOL"], venues: [...EXCHANGES], endTime: END };

let history: History;
let signals: readonly HistoricSignal[];

beforeAll(async () => {
  history = simulateHistory(OPTIONS);
  signals = await replayHistory(history, history.gaps, parseConfig({}), OPTIONS.seed);
});

test("the same seed gives the same history, another one another", () => {
  const short = { ...OPTIONS, days: 0.05 };
  const first = simulateHistory(short);
  expect(first.liquidations.length).toBeGreaterThan(50);
  expect(simulateHistory(short)).toEqual(first);
  expect(simulateHistory({ ...short, seed: 4 }).liquidations[0]).not.toEqual(first.liquidations[0]);
});

test("its liquidations are whole records with an id each, of the base assets collected, inside its time", () => {
  const { liquidations, startTime } = history;
  expect(liquidations.length).toBeGreaterThan(500);
  expect(new Set(liquidations.map(({ event_id: id }) => id)).size).toBe(liquidations.length);
  expect(storableRows(liquidations)).toMatchObject({ refused: [], nulled: [] });
  expect(new Set(liquidations.map(({ symbol }) => symbol))).toEqual(new Set(OPTIONS.symbols));
  expect(liquidations.every(({ event_time: time }) => time > startTime && time <= END)).toBe(true);
});

test("its prices end where those of the live market begin, and every minute has a mark", () => {
  const { marks } = playMarket({ ...OPTIONS, days: 0.05 });
  for (const symbol of OPTIONS.symbols) {
    expect(marks.get(symbol)?.at(-1)).toBeCloseTo(assetOf(symbol).price, 6);
    const own = history.minuteMarks.filter((mark) => mark.symbol === symbol);
    expect(new Set(own.map(({ minute }) => minute)).size).toBe((OPTIONS.days * DAY_MS) / MINUTE_MS);
  }
});

test("venues publish what they publish live: those that throttle, one liquidation of a second, base asset and side", () => {
  const throttled = history.liquidations.filter(({ coverage }) => coverage === "largest_per_second" || coverage === "sampled");
  const seconds = throttled.map((row) => [row.exchange, row.symbol, row.position_side, Math.floor(row.event_time / 1_000)].join(" "));
  expect(seconds.length).toBeGreaterThan(100);
  expect(new Set(seconds).size).toBe(seconds.length);
});

test("what happened in a gap is missing, unless the venue's history named it afterwards, and the gap counts those", () => {
  const { gaps, liquidations } = history;
  expect(gaps.length).toBeGreaterThan(2);
  const lost = liquidations.filter(({ exchange, received_time: time, source }) =>
    gaps.some((gap) => source === "stream" && gap.exchange === exchange && time >= gap.from_time && time < (gap.to_time ?? END)),
  );
  expect(lost).toEqual([]);
  const filled = gaps.reduce((sum, { filled_events: events }) => sum + events, 0);
  expect(liquidations.filter(({ source }) => source === "backfill").length).toBe(filled);
});

test("its cascades are those that the hub finds, and their liquidations name them", () => {
  const ids = new Set(history.cascades.map(({ cascade_id: id }) => id));
  expect(ids.size).toBeGreaterThan(1);
  const named = history.liquidations.flatMap(({ cascade_id: id }) => id ?? []);
  expect(named.length).toBeGreaterThan(20);
  expect(named.every((id) => ids.has(id))).toBe(true);
  expect(history.liquidations.some(({ depth_share: share, impact_60s_bps: impact }) => share !== null && impact !== null)).toBe(true);
});

test("both analysts decide, under the simulated model's own name, and decisions are graded with their cost", async () => {
  const trades = signals.filter(({ signal }) => signal.action !== "NOTHING");
  expect(trades.length).toBeGreaterThan(0);
  expect(signals.some(({ signal }) => signal.rule_action !== "NOTHING")).toBe(true);
  expect(signals.every(({ signal, input }) => signal.minute === input.minute && signal.model === SIMULATED_MODEL)).toBe(true);
  const old = trades.find(({ signal }) => signal.minute < END - 60 * MINUTE_MS);
  expect(old?.grades.get("15m")?.grade?.net_return_bps).toEqual(expect.any(Number));
  const records = signals.map(({ signal, input }) => ({ ...signal, statistics: input }));
  expect(await checkLedger(records, GENESIS)).toMatchObject({ mismatch: null });
});
