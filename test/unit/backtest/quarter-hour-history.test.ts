import { expect, test } from "vitest";
import { KnownEvents } from "../../../src/backtest/known-events.ts";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { QuarterHourHistory } from "../../../src/backtest/quarter-hour-history.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../../../src/windows/quarter-hour.ts";
import { at, liquidation } from "./events.ts";

interface Shown {
  readonly start: number;
  readonly long: number;
  readonly short: number;
}

/** The history at a time, of a replay of events at their times of receipt. */
function historyAt(clock: string, events: readonly Liquidation[]) {
  const [known, gaps, history] = [new KnownEvents(48), new KnownGaps(), new QuarterHourHistory(["binance"])];
  for (let minute = at("09:00"); minute <= at(clock); minute += MINUTE_MS) {
    for (const one of events) {
      if (one.received_time >= minute - MINUTE_MS && one.received_time < minute) known.add(one, minute);
    }
    history.advance(minute, known, gaps);
  }
  const shown = (symbol: string): readonly Shown[] =>
    history.quarterHours(symbol, DAY_MS, at(clock)).map(({ start, long, short }) => ({ start, long, short }));
  return { shown };
}

function event(clock: string, symbol: string, usd_value: number, received = at(clock) + 1_000): Liquidation {
  return liquidation(at(clock), { event_id: `${symbol} ${clock}`, symbol, usd_value, received_time: received });
}

const FLOW = [event("09:02", "BTC", 1_000), event("09:20", "BTC", 2_000), event("09:50", "BTC", 4_000)];

test("a quarter-hour keeps its sums while no event of it becomes known", () => {
  const { shown } = historyAt("11:20", FLOW);
  const sums = [1_000, 2_000, 0, 4_000, 0, 0, 0, 0, 0];
  expect(shown("BTC")).toEqual(sums.map((long, index) => ({ start: at("09:00") + index * QUARTER_HOUR_MS, long, short: 0 })));
});

test("a late event corrects its quarter-hour within two hours, and no longer", () => {
  const lateBy = ["11:05", "11:40"].map((received) => historyAt("11:50", [...FLOW, event("09:21", "BTC", 500, at(received))]));
  expect(lateBy.map(({ shown }) => shown("BTC")[1]?.long)).toEqual([2_500, 2_000]);
});

test("a base asset whose first event is late has every quarter-hour after it", () => {
  const { shown } = historyAt("11:20", [...FLOW, event("09:35", "ETH", 700, at("10:40"))]);
  const expected = [700, 0, 0, 0, 0, 0, 0].map((long, index) => ({ start: at("09:30") + index * QUARTER_HOUR_MS, long, short: 0 }));
  expect(shown("ETH")).toEqual(expected);
});

test("a gap that is known later lowers the uptime of a quarter-hour without new events", () => {
  const [known, gaps, history] = [new KnownEvents(48), new KnownGaps(), new QuarterHourHistory(["binance"])];
  known.add(event("09:02", "BTC", 1_000), at("09:03"));
  for (let minute = at("09:03"); minute <= at("09:40"); minute += MINUTE_MS) {
    if (minute === at("09:20")) {
      gaps.add([{ exchange: "binance", from_time: at("09:00"), to_time: at("09:00") + HOUR_MS / 8, reason: "disconnected" }]);
    }
    history.advance(minute, known, gaps);
  }
  expect(history.quarterHours("BTC", DAY_MS, at("09:40")).map(({ uptime }) => uptime)).toEqual([0.5, 1]);
});
