import { describe, expect, test } from "vitest";
import { equityOf } from "../../../src/backtest/equity.ts";
import { equityPicture } from "../../../src/backtest/equity-picture.ts";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { costsBySize } from "../../../src/backtest/performance/cost-by-size.ts";
import { tradePerformance } from "../../../src/backtest/performance/trade-performance.ts";
import { worthByDelay } from "../../../src/backtest/performance/worth-by-delay.ts";
import { Replay } from "../../../src/backtest/replay.ts";
import { replayDays } from "../../../src/backtest/replay-days.ts";
import { ReplayedMarket } from "../../../src/backtest/replayed-market.ts";
import { rulesAnalyst } from "../../../src/backtest/analyst.ts";
import { SideBySide } from "../../../src/backtest/side-by-side.ts";
import { type Trade, tradesOf } from "../../../src/backtest/trade.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import { parseConfig } from "../../../src/config.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { DAY, at, liquidation, replayOf } from "./events.ts";

/** Steady flow, and a burst of longs at 10:10:40. */
const EVENTS = [
  ...Array.from({ length: 61 }, (_, n) => liquidation(at("09:40") + n * MINUTE_MS + 30 * SECOND_MS)),
  liquidation(at("10:10:40"), { event_id: "burst", usd_value: 80_000 }),
];
const JUDGED = { start: at("10:10"), end: at("10:20") };

function eventsOf(day: number) {
  return Promise.resolve(day === DAY ? { events: EVENTS, gaps: [] } : null);
}

/** The mark rises by 0.1 a minute from 100 at 10:00, and dips to 95 within 10:30. */
function risingMarks(changes: Partial<MinuteMark> = {}): MarkBook {
  const marks = new MarkBook();
  for (let minute = at("09:00"); minute < DAY + 36 * HOUR_MS; minute += MINUTE_MS) {
    const open = 100 + (minute - at("10:00")) / MINUTE_MS / 10;
    const low = minute === at("10:30") ? 95 : open;
    marks.put({
      symbol: "BTC",
      exchange: "okx",
      samples: 60,
      minute,
      open,
      high: open + 0.1,
      low,
      close: open + 0.1,
      spread_bps: 2,
      volume_usd: 1e6,
      funding_rate: 0,
      funding_interval_hours: 8,
      ...changes,
    });
  }
  return marks;
}

async function fadeTrades(gaps: KnownGaps, horizon: "15m" | "1h" = "1h", marks = risingMarks()): Promise<readonly Trade[]> {
  const replay = await replayOf(EVENTS, { judged: JUDGED, marks, marksFromEvents: false, gaps });
  expect(replay.ledger.signals).toHaveLength(1);
  return tradesOf(replay.ledger.grades, "fade", horizon, gaps);
}

describe("a trade", () => {
  test("is entered and left at the marks of one venue, with its cost in parts and its worst price", async () => {
    const [trade] = await fadeTrades(new KnownGaps());
    const entry = 100 + ((trade?.entry_time ?? 0) - at("10:00")) / MINUTE_MS / 10;
    expect(trade).toMatchObject({ action: "BUY", exchange: "okx", status: "closed", fee_bps: 10, spread_bps: 2, funding_bps: 0 });
    expect((trade?.exit_time ?? 0) - (trade?.entry_time ?? 0)).toBe(HOUR_MS);
    expect(trade?.gross_return_bps).toBeCloseTo(1e4 * ((entry + 6) / entry - 1), 9);
    expect(trade?.worst_excursion_bps).toBeCloseTo(1e4 * (95 / entry - 1), 9);
    expect(trade?.net_return_bps).toBeCloseTo((trade?.gross_return_bps ?? 0) - 12 - (trade?.impact_10k_bps ?? 0), 9);
  });

  test("that meets a gap of its venue counts nowhere, and at its worst price it is a loss", async () => {
    const gaps = new KnownGaps();
    gaps.add([{ exchange: "okx", from_time: at("10:40"), to_time: at("10:41"), reason: "silent" }]);
    const trades = await fadeTrades(gaps);
    expect(trades).toMatchObject([{ status: "cut_by_gap" }]);
    const performance = tradePerformance(trades, JUDGED, "1h", 1);
    expect(performance).toMatchObject({ closed: 0, cut_by_gap: 1, hit_rate: null, mean_net_return_bps: null, sharpe: null });
    expect(performance.mean_with_cut_trades_bps).toBeLessThan(-500);
    expect(costsBySize(trades)[0]).toMatchObject({ trades: 0, net_return_bps: null });
    expect(equityOf(trades, JUDGED, "1h").at(-1)).toMatchObject({ equity_bps: 0 });
  });

  test("is not cut by a gap of another venue, nor by one before its entry or after its exit", async () => {
    const gaps = new KnownGaps();
    gaps.add([
      { exchange: "binance", from_time: at("10:40"), to_time: at("10:41"), reason: "silent" },
      { exchange: "okx", from_time: at("10:40"), to_time: at("10:41"), reason: "silent" },
    ]);
    expect(await fadeTrades(gaps, "15m")).toMatchObject([{ status: "closed" }]);
  });

  test.each([
    ["unknown_spread", { spread_bps: null }],
    ["unknown_impact", { volume_usd: null }],
    ["unknown_funding", { funding_interval_hours: null }],
  ])("of %s is counted, and earned nothing that anybody knows", async (status, changes) => {
    const trades = await fadeTrades(new KnownGaps(), "1h", risingMarks(changes));
    expect(trades).toMatchObject([{ status, net_return_bps: null }]);
    const performance = tradePerformance(trades, JUDGED, "1h", 1);
    expect(performance).toMatchObject({ closed: 0, unknown_cost: 1, unpriced: 0, hit_rate: null, mean_net_return_bps: null });
    expect(costsBySize(trades)[0]).toMatchObject({ trades: 1, fee_bps: 10, net_return_bps: null });
    expect(costsBySize(trades)[0]?.gross_return_bps).toBe(trades[0]?.gross_return_bps);
    expect(worthByDelay(trades)[0]).toMatchObject({ trades: 1, net_return_bps: null });
    expect(equityOf(trades, JUDGED, "1h").at(-1)).toMatchObject({ equity_bps: 0 });
  });

  test("that a gap cut and whose cost is unknown is in no mean, not even at its worst price", async () => {
    const gaps = new KnownGaps();
    gaps.add([{ exchange: "okx", from_time: at("10:40"), to_time: at("10:41"), reason: "silent" }]);
    const trades = await fadeTrades(gaps, "1h", risingMarks({ spread_bps: null }));
    expect(tradePerformance(trades, JUDGED, "1h", 1)).toMatchObject({ cut_by_gap: 1, unknown_cost: 0, mean_with_cut_trades_bps: null });
  });

  test("costs more the larger it is, and is worth less the later it is entered", async () => {
    const trades = await fadeTrades(new KnownGaps());
    const costs = costsBySize(trades);
    expect(costs.map(({ size_usd, trades: count }) => [size_usd, count])).toEqual([
      [10_000, 1],
      [100_000, 1],
      [1_000_000, 1],
    ]);
    expect((costs[2]?.impact_bps ?? 0) / (costs[0]?.impact_bps ?? 0)).toBeCloseTo(10, 9);
    expect((costs[0]?.net_return_bps ?? 0) - (costs[2]?.net_return_bps ?? 0)).toBeCloseTo(9 * (costs[0]?.impact_bps ?? 0), 9);
    const worth = worthByDelay(trades);
    expect(worth.map(({ delay_s }) => delay_s)).toEqual([0, 1, 5, 30, 60, 120, 300, 900]);
    // The mark rises by 0.1 a minute, so a second costs a 60th of 0.1.
    const drops = worth.map(({ gross_return_bps: gross }) => (worth[0]?.gross_return_bps ?? 0) - (gross ?? 0));
    expect(drops[1]).toBeCloseTo(1e4 * (0.1 / 60 / 101), 0);
    expect(drops.toSorted((a, b) => a - b)).toEqual(drops);
    expect(drops[7]).toBeGreaterThan(140);
  });
});

test("replays side by side decide and grade as each alone", async () => {
  const base = { judged: { start: at("10:00"), end: at("10:41") }, marks: risingMarks(), marksFromEvents: false };
  const floors = ["50000", "100000", "250000"].map((floor) =>
    parseConfig({ LIQUIDATION_SYMBOLS: "BTC", LIQUIDATION_SPIKE_FLOOR_USD: floor }),
  );
  const alone = await Promise.all(floors.map((config) => replayOf(EVENTS, { ...base, marks: risingMarks(), config })));
  const gaps = new KnownGaps();
  const settings = { ...base, gaps, analyst: rulesAnalyst, config: floors[0] ?? parseConfig({}) };
  const market = new ReplayedMarket(settings);
  const replays = floors.map((config) => new Replay({ ...settings, config, market }));
  const data = { readDay: eventsOf, readMarks: () => Promise.resolve([]) };
  await replayDays(new SideBySide(market, replays), base.judged, data, gaps, ["binance", "bybit", "okx", "bitfinex"]);
  expect(replays.map(({ ledger }) => ledger.signals)).toEqual(alone.map(({ ledger }) => ledger.signals));
  expect(replays.map(({ ledger }) => ledger.grades)).toEqual(alone.map(({ ledger }) => ledger.grades));
  expect(new Set(replays.map(({ ledger }) => ledger.signals.length)).size).toBeGreaterThan(1);
});

test("the picture is SVG that stands alone, with units, and the same for the same points", () => {
  const points = [0, 120, -40, 260].map((equity_bps, index) => ({
    time: DAY + index * 4 * HOUR_MS,
    equity_bps,
    drawdown_bps: index === 2 ? -160 : 0,
  }));
  const picture = { title: "A < B & C", subtitle: "s", points, missing: [{ start: DAY - HOUR_MS, end: DAY + HOUR_MS }] };
  const svg = equityPicture(picture);
  expect(equityPicture(picture)).toBe(svg);
  for (const text of ["Equity, % of the stake", "Drawdown, % of the stake", "Time, UTC", "A &lt; B &amp; C", "prefers-color-scheme: dark"])
    expect(svg).toContain(text);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.match(/class="gap"/g)).toHaveLength(2);
  expect(equityPicture({ ...picture, points: [], missing: [] })).not.toMatch(/NaN|Infinity/);
});
