import type { ReplayAnalyst } from "../../src/backtest/analyst.ts";
import { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { Replay } from "../../src/backtest/replay.ts";
import { byReceipt } from "../../src/backtest/replayed-event.ts";
import { parseConfig } from "../../src/config.ts";
import type { SpikeWatch } from "../../src/signals/spike-watch.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { marketMinuteMarks } from "../market-simulation/market-minute-marks.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import type { SimulatedMarket } from "../market-simulation/simulate-market.ts";

/** Passes a simulated market with its mark prices through the windows, spike rule, analyst and grades. */
export async function replayMarket(
  market: SimulatedMarket,
  judged: TimeRange,
  analyst: ReplayAnalyst,
  variables: Readonly<Record<string, string>> = {},
  watch?: SpikeWatch,
): Promise<Replay> {
  const marks = new MarkBook();
  for (const mark of marketMinuteMarks(market)) marks.put(mark);
  const replay = new Replay({
    config: parseConfig({ LIQUIDATION_SYMBOLS: "BTC", LIQUIDATION_EXCHANGES: "binance,bybit,okx,bitfinex", ...variables }),
    judged,
    gaps: new KnownGaps(),
    marks,
    marksFromEvents: false,
    analyst,
    ...(watch === undefined ? {} : { watch }),
  });
  const rows = marketRows(market).toSorted(byReceipt);
  let at = 0;
  for (let minute = market.startTime; minute < market.endTime; minute += MINUTE_MS) {
    let end = at;
    while ((rows[end]?.received_time ?? Infinity) < minute) end += 1;
    await replay.run(minute, rows.slice(at, end));
    at = end;
  }
  return replay;
}
