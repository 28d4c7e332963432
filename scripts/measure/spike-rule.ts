import { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { Replay } from "../../src/backtest/replay.ts";
import { byReceipt } from "../../src/backtest/replayed-event.ts";
import { parseConfig } from "../../src/config.ts";
import type { Gap } from "../../src/gap.ts";
import type { SignalInput } from "../../src/signals/signal-input.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type Effect } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { simulateMarket, type SimulatedMarket } from "../market-simulation/simulate-market.ts";

/** A Monday. */
export const START = Date.parse("2026-10-05");
/** Where the rule begins to be judged: after this much history. */
const HISTORY_MS = 7 * DAY_MS;

export interface SpikeRun {
  readonly market: SimulatedMarket;
  /** What was decided on. */
  readonly spikes: readonly SignalInput[];
  /** Share of the judged minutes in which the rule held, cool-down or not. */
  readonly shareOfMinutes: number;
  readonly judgedDays: number;
}

export interface SpikeRunOptions {
  readonly seed: number;
  readonly days: number;
  readonly effect: Effect;
  readonly variables?: Readonly<Record<string, string>>;
  readonly gaps?: readonly Gap[];
}

/** Passes a simulated market through the live windows and spike rule, minute by minute. */
export async function runSpikeRule({ seed, days, effect, variables = {}, gaps = [] }: SpikeRunOptions): Promise<SpikeRun> {
  const market = simulateMarket({ seed, days, effect, model: BTC_MODEL, startTime: START });
  const known = new KnownGaps();
  known.add(gaps);
  const spikes: SignalInput[] = [];
  const judged = { start: START + HISTORY_MS, end: market.endTime };
  const replay = new Replay({
    config: parseConfig({ LIQUIDATION_SYMBOLS: "BTC", LIQUIDATION_EXCHANGES: "binance,bybit,okx,bitfinex", ...variables }),
    judged,
    gaps: known,
    marks: new MarkBook(),
    marksFromEvents: false,
    analyst: (input) => {
      spikes.push(input);
      return null;
    },
  });
  const rows = marketRows(market).toSorted(byReceipt);
  let at = 0;
  for (let minute = START; minute < market.endTime; minute += MINUTE_MS) {
    let end = at;
    while ((rows[end]?.received_time ?? Infinity) < minute) end += 1;
    await replay.run(minute, rows.slice(at, end));
    at = end;
  }
  const { spike, quiet, cooling_down: cooling } = replay.counts.outcomes;
  return {
    market,
    spikes,
    shareOfMinutes: (spike + cooling) / Math.max(1, spike + cooling + quiet),
    judgedDays: (judged.end - judged.start) / DAY_MS,
  };
}

export interface SpikeMeasure {
  readonly decisionsPerDay: number;
  readonly shareOfMinutes: number;
  readonly planted: number;
  readonly caught: number;
}

/** A planted burst is caught where a decision of its side, or of both together, falls within half an hour of its start. */
const CAUGHT_WITHIN_MS = HOUR_MS / 2;

export async function measureSpikeRule(options: SpikeRunOptions): Promise<SpikeMeasure> {
  const { market, spikes, shareOfMinutes, judgedDays } = await runSpikeRule(options);
  const judgedFrom = START + HISTORY_MS;
  const bursts = market.planted.filter(({ startTime }) => startTime > judgedFrom && startTime < market.endTime - HOUR_MS);
  const caught = bursts.filter(({ startTime, side }) =>
    spikes.some(({ minute, trigger }) => {
      const isInTime = minute > startTime && minute <= startTime + CAUGHT_WITHIN_MS;
      return isInTime && trigger.sides.some((one) => one === side || one === "total");
    }),
  );
  return { decisionsPerDay: spikes.length / judgedDays, shareOfMinutes, planted: bursts.length, caught: caught.length };
}
