import type { Liquidation } from "../../src/liquidation.ts";
import { prAuc } from "../../src/training/pr-auc.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { simulateMarket } from "../market-simulation/simulate-market.ts";
import { throughHub } from "../market-simulation/through-hub.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const DAYS = 8;
const LEARNED_MS = 2 * DAY_MS;
const WITHIN_MS = 5 * MINUTE_MS;
/** The form of the score was chosen on markets before this one, so it is judged on others. */
const FIRST_SEED = 200;

export interface ScoreMeasure {
  readonly score: number;
  readonly velocity: number;
  /** Share of the judged liquidations before a cascade: what chance would reach. */
  readonly positives: number;
}

/**
 * PR-AUC of the score and of the velocity of a liquidation, for: a cascade of its side becomes active within five minutes.
 * Liquidations of a running cascade are not judged.
 */
export function measureScore(seed: number, days = DAYS): ScoreMeasure {
  const market = simulateMarket({ seed: FIRST_SEED + seed, days, effect: "cascade", model: BTC_MODEL, startTime: START });
  const { rows } = throughHub(marketRows(market), ["BTC"]);
  const judged = rows.filter((row) => row.received_time > START + LEARNED_MS && row.cascade_id === null);
  const began = beginnings(rows);
  const isBefore = judged.map(({ position_side, received_time: time }) =>
    began.some((one) => one.side === position_side && one.time > time && one.time <= time + WITHIN_MS),
  );
  return {
    score: prAuc(
      judged.map((row) => row.cascade_score ?? 0),
      isBefore,
    ),
    velocity: prAuc(
      judged.map((row) => row.velocity_usd_per_s ?? 0),
      isBefore,
    ),
    positives: isBefore.filter(Boolean).length / judged.length,
  };
}

/** When each cascade became active: at the receipt of its first event that carries its id. */
function beginnings(rows: readonly Liquidation[]) {
  const first = new Map<string, { readonly side: Liquidation["position_side"]; readonly time: number }>();
  for (const { cascade_id: id, position_side: side, received_time: time } of rows) {
    if (id !== null && !first.has(id)) first.set(id, { side, time });
  }
  return [...first.values()];
}
