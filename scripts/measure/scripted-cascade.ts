import type { ExchangeName } from "../../src/liquidation.ts";
import { MINUTE_MS, SECOND_MS } from "../../src/windows/calendar.ts";
import { medianLag } from "../demo/compare-cascade.ts";
import { demoCascade } from "../demo/demo-cascade.ts";
import { BTC_MODEL, type MarketModel } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { published } from "../market-simulation/published-events.ts";
import type { SimulatedEvent } from "../market-simulation/simulated-event.ts";
import { throughHub } from "../market-simulation/through-hub.ts";
import type { ScriptedCascade } from "../simulator/cascade-script.ts";
import { Market, STEP_MS } from "../simulator/market.ts";
import { createRandom } from "../simulator/random.ts";

const START = Date.parse("2026-10-05");
/** As the demo's, see `demo/options.ts`. */
const RATE = 0.5;
const VOLATILITY_S = 300;
const MIN_RETURNS = 60;
/** Prices only, as in the demo, so that volatility is known before the first liquidation. */
const QUIET_S = 65;

const ETH_MODEL: MarketModel = { ...BTC_MODEL, symbol: "ETH" };

export interface ScriptedMeasure {
  readonly wasFound: boolean;
  /** Of the report against the script, ms. */
  readonly onsetMs: number;
  readonly firstExchange: ExchangeName | null;
  /** Median `cross_exchange_lag_ms` of the cascade's events of each scripted venue; null where none has one. */
  readonly medianLagMs: ReadonlyMap<ExchangeName, number | null>;
  readonly script: ScriptedCascade;
}

/** Plays the demo's cascade on the demo's market, and passes what the venues publish through the hub. */
export function measureScripted(seed: number): ScriptedMeasure {
  const { script, events } = play(seed);
  const market = { model: ETH_MODEL, startTime: START, endTime: script.endTime, events, marks: new Float64Array(0), planted: [] };
  const { rows, transitions } = throughHub(marketRows(market), ["ETH"]);
  const record = transitions.findLast(({ record: one }) => one.symbol === "ETH" && one.position_side === script.side)?.record;
  const own = rows.filter(({ cascade_id: id }) => id !== null && id === record?.cascade_id);
  return {
    wasFound: record !== undefined,
    onsetMs: (record?.start_time ?? Number.NaN) - script.startTime,
    firstExchange: record?.first_exchange ?? null,
    medianLagMs: new Map(script.venues.map(({ exchange }) => [exchange, medianLag(own, exchange)])),
    script,
  };
}

function play(seed: number): { readonly script: ScriptedCascade; readonly events: readonly SimulatedEvent[] } {
  const market = new Market({ seed, startTime: START, rate: RATE });
  const marks: number[] = [];
  const events: SimulatedEvent[] = [];
  let [time, script] = [START, null as ScriptedCascade | null];
  while (script === null || time < script.endTime + MINUTE_MS) {
    time += STEP_MS;
    const liquidations = market.tick(time);
    if (time % SECOND_MS === 0) marks.push(market.quote("ETH").mark);
    if (marks.length < QUIET_S) continue;
    script ??= market.schedule(demoCascade(time));
    for (const { symbol, exchange, side, time: at, usd, mark } of liquidations) {
      if (symbol === "ETH") events.push({ time: at, exchange, side, usd, mark, volatility5m: volatilityOf(marks), depthUsd: 2e6 });
    }
  }
  return { script, events: published(events, ETH_MODEL, createRandom(seed, "published")) };
}

/** √Σr² of the last 300 one-second returns; null before there are 60. @param marks one a second */
export function volatilityOf(marks: readonly number[]): number | null {
  const last = marks.slice(-VOLATILITY_S - 1);
  if (last.length <= MIN_RETURNS) return null;
  const squares = last.slice(1).map((mark, index) => Math.log(mark / (last[index] ?? mark)) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
