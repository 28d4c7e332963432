import { correlationsOf } from "../../src/market-state/correlations.ts";
import { marketOfDay } from "../../src/market-state/market-day.ts";
import { STEP_MS } from "../../src/market-state/lags.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { simulateMarketDays } from "../market-simulation/market-days.ts";

const DAYS = 14;
const TRIES = 10;
const START = Date.UTC(2026, 10, 20);

/** What a base asset's day costs the cron: summing its minutes up, and 42 correlations over 14 days with their intervals. */
export function benchMarketState(print: (line: string) => void): Promise<void> {
  const days = simulateMarketDays({ seed: 1, days: DAYS, planted: null });
  const marks = EXCHANGES.flatMap((exchange) =>
    Array.from({ length: DAY_MS / STEP_MS + 1 }, (_, step) => ({
      exchange,
      minute: START + step * STEP_MS - MINUTE_MS,
      close: 100 + Math.sin(step),
      index_price: 100,
      open_interest_usd: 1e9 + step,
      funding_rate: 1e-4 * Math.sin(step / 50),
      funding_interval_hours: 8,
    })),
  );
  print(`a day of ${EXCHANGES.length} venues, summed up: ${millis(() => marketOfDay(START, marks)).toFixed(1)} ms of processor time`);
  print(`correlations over ${DAYS} days: ${millis(() => correlationsOf(days, 1)).toFixed(1)} ms of processor time`);
  return Promise.resolve();
}

/** The median of some runs. */
function millis(run: () => unknown): number {
  const times = Array.from({ length: TRIES }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  return times.toSorted((a, b) => a - b)[TRIES / 2] ?? Number.NaN;
}
