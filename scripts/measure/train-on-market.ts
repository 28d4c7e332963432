import type { Example } from "../../src/training/example.ts";
import { ReplayedExamples } from "../../src/training/replayed-examples.ts";
import { type Training, trainRules } from "../../src/training/train-rules.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type MarketModel } from "../market-simulation/market-model.ts";
import { simulateMarket } from "../market-simulation/simulate-market.ts";
import { replayMarket } from "./replay-market.ts";

/** A Monday. */
const START = Date.parse("2026-03-02");
/** Enough for well over 100 episodes. */
const DAYS = { planted: 120, calm: 45 };

/** Flushes after which nine tenths of the move return within the hour. */
const RETURNING: MarketModel = { ...BTC_MODEL, flushMove: { sigmas: 10, spread: 6 }, aftermath: { share: 0.9, timeS: 900 } };

/** The graded spikes of a simulated market, as `npm run train` finds them in stored days. */
export async function marketExamples(
  seed: number,
  isPlanted: boolean,
  days = isPlanted ? DAYS.planted : DAYS.calm,
): Promise<readonly Example[]> {
  const planted = { model: RETURNING, effect: "reversal" } as const;
  const market = simulateMarket({ seed, days, startTime: START, ...(isPlanted ? planted : { model: BTC_MODEL, effect: "none" }) });
  const examples = new ReplayedExamples();
  const replay = await replayMarket(market, { start: START + DAY_MS, end: market.endTime }, examples.analyst);
  return examples.of(replay.ledger);
}

export async function trainOnMarket(seed: number, isPlanted: boolean): Promise<Training> {
  return trainRules(await marketExamples(seed, isPlanted));
}
