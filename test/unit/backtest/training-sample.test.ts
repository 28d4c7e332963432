import { expect, test } from "vitest";
import { sampleDays, sampleLines, sampleTable } from "../../../src/backtest/training-sample.ts";
import type { Trade } from "../../../src/backtest/trade.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import { DAY } from "./events.ts";

const trade = (decided_time: number, net: number | null): Trade =>
  ({ decided_time, net_return_bps: net, status: net === null ? "unknown_spread" : "closed" }) as Trade;

/** Four days from noon on, trained on from the second one to noon of the third. */
const JUDGED = { start: DAY + 12 * HOUR_MS, end: DAY + 4 * DAY_MS };
const SPAN = { trained_from: DAY + DAY_MS, trained_to: DAY + 2 * DAY_MS + 12 * HOUR_MS };
const TRADES = [
  trade(DAY + 13 * HOUR_MS, -4),
  trade(DAY + DAY_MS + HOUR_MS, 30),
  trade(DAY + 2 * DAY_MS + HOUR_MS, 10),
  trade(DAY + 2 * DAY_MS + 13 * HOUR_MS, -6),
  trade(DAY + 3 * DAY_MS, null),
];

test("each day of a backtest says whether the rule model was trained on it", () => {
  const days = sampleDays(TRADES, JUDGED, SPAN);
  expect(days).toEqual([
    { day: DAY, sample: "out", trades: 1, mean_net_return_bps: -4 },
    { day: DAY + DAY_MS, sample: "in", trades: 1, mean_net_return_bps: 30 },
    { day: DAY + 2 * DAY_MS, sample: "partly", trades: 2, mean_net_return_bps: 2 },
    { day: DAY + 3 * DAY_MS, sample: "out", trades: 0, mean_net_return_bps: null },
  ]);
  expect(sampleTable(days).rows[2]).toEqual(["2026-11-22", "partly in-sample", "2", "2.0"]);
});

test("what it earned in-sample stands apart from what it earned elsewhere", () => {
  const lines = sampleLines("rules-v2:0123456789ab", TRADES, SPAN);
  expect(lines[0]).toMatch(/^WARNING: rules-v2:0123456789ab was trained on decisions from 2026-11-21T00:00Z to 2026-11-22T12:00Z\./);
  expect(lines.slice(1)).toEqual([
    "  in-sample:     2 closed trades, mean net 20.0 bps",
    "  out of sample: 2 closed trades, mean net -5.0 bps",
  ]);
});
