import { KnownGaps } from "../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { Replay } from "../../src/backtest/replay.ts";
import { byReceipt } from "../../src/backtest/replayed-event.ts";
import { parseConfig } from "../../src/config.ts";
import type { Gap } from "../../src/gap.ts";
import type { SpikeWatch } from "../../src/signals/spike-watch.ts";
import type { SignalInput } from "../../src/signals/signal-input.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type Effect, type MarketModel } from "../market-simulation/market-model.ts";
import { marketMinuteMarks } from "../market-simulation/market-minute-marks.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { simulateMarket, type SimulatedMarket } from "../market-simulation/simulate-market.ts";

/** A Monday. */
export const START = Date.parse("2026-10-05");
/** Where the rule begins to be judged: after this much history. */
const HISTORY_MS = 7 * DAY_MS;

export interface SpikeRun {
  readonly market: SimulatedMarket;
  /** The spikes that were decided on. */
  readonly spikes: readonly SignalInput[];
  /** The turns of their flushes that were decided on. */
  readonly turns: readonly SignalInput[];
  /** Share of the judged minutes in which the rule held, cool-down or not. */
  readonly shareOfMinutes: number;
  readonly judgedDays: number;
}

export interface SpikeRunOptions {
  readonly seed: number;
  readonly days: number;
  readonly effect: Effect;
  /** Of a day of BTC by default. */
  readonly model?: MarketModel;
  readonly variables?: Readonly<Record<string, string>>;
  readonly gaps?: readonly Gap[];
  /** What notices bursts; that of the hub by default. */
  readonly watch?: SpikeWatch;
}

/** Passes a simulated market through the live windows and spike rule, minute by minute. */
export async function runSpikeRule(options: SpikeRunOptions): Promise<SpikeRun> {
  const { seed, days, effect, model = BTC_MODEL, variables = {}, gaps = [], watch } = options;
  const market = simulateMarket({ seed, days, effect, model, startTime: START });
  const known = new KnownGaps();
  known.add(gaps);
  const marks = new MarkBook();
  for (const mark of marketMinuteMarks(market)) marks.put(mark);
  const inputs: SignalInput[] = [];
  const judged = { start: START + HISTORY_MS, end: market.endTime };
  const replay = new Replay({
    config: parseConfig({ LIQUIDATION_SYMBOLS: "BTC", LIQUIDATION_EXCHANGES: "binance,bybit,okx,bitfinex", ...variables }),
    judged,
    gaps: known,
    marks,
    marksFromEvents: false,
    ...(watch === undefined ? {} : { watch }),
    analyst: (input) => {
      inputs.push(input);
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
    spikes: inputs.filter(({ trigger }) => trigger.kind !== "turn"),
    turns: inputs.filter(({ trigger }) => trigger.kind === "turn"),
    shareOfMinutes: (spike + cooling) / Math.max(1, spike + cooling + quiet),
    judgedDays: (judged.end - judged.start) / DAY_MS,
  };
}

export interface SpikeMeasure {
  /** Spikes and turns. */
  readonly decisionsPerDay: number;
  readonly turnsPerDay: number;
  readonly shareOfMinutes: number;
  readonly planted: number;
  readonly caught: number;
}

/** A planted burst is caught where a decision of its side, or of both together, falls within half an hour of its start. */
const CAUGHT_WITHIN_MS = HOUR_MS / 2;

export async function measureSpikeRule(options: SpikeRunOptions): Promise<SpikeMeasure> {
  const { market, spikes, turns, shareOfMinutes, judgedDays } = await runSpikeRule(options);
  const judgedFrom = START + HISTORY_MS;
  const bursts = market.planted.filter(({ startTime }) => startTime > judgedFrom && startTime < market.endTime - HOUR_MS);
  const caught = bursts.filter(({ startTime, side }) =>
    spikes.some(({ minute, trigger }) => {
      const isInTime = minute > startTime && minute <= startTime + CAUGHT_WITHIN_MS;
      return isInTime && trigger.sides.some((one) => one === side || one === "total");
    }),
  );
  return {
    decisionsPerDay: (spikes.length + turns.length) / judgedDays,
    turnsPerDay: turns.length / judgedDays,
    shareOfMinutes,
    planted: bursts.length,
    caught: caught.length,
  };
}
