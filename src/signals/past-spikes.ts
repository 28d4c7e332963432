import type { PositionSide } from "../liquidation.ts";
import { mean } from "../scoreboard/scores.ts";
import type { BaseRates, NearSpike, Past, PastDecision } from "./signal-input.ts";
import { type SpikeShape, shapeDistance } from "./spike-shape.ts";
import type { Analyst } from "./verdict.ts";

/** Number of decided spikes that are looked at, the latest ones: those of them with a grade are compared and counted. */
export const MAX_PAST_SPIKES = 500;
const NEAREST = 8;
const SHOWN_DECISIONS = 20;

/** A decided spike and its outcome over the headline horizon. */
export interface GradedSpike extends PastDecision {
  readonly analyst: Analyst;
  /** The dominant side and the shape; null where neither side dominated, as are the returns of trading its flow. */
  readonly side: PositionSide | null;
  readonly shape: SpikeShape | null;
  readonly fade_net_return_bps: number | null;
  readonly follow_net_return_bps: number | null;
}

/** A graded spike that had a forced flow to trade. */
interface TradableSpike extends Omit<NearSpike, "distance"> {
  readonly shape: SpikeShape;
}

/**
 * What an input says of earlier spikes.
 * @param spikes newest first
 * @param analyst whose decisions are shown
 */
export function pastOf(shape: SpikeShape | null, spikes: readonly GradedSpike[], analyst: Analyst): Past {
  const tradable = spikes.flatMap(tradableSpike);
  return {
    nearest: shape === null ? [] : nearest(shape, tradable),
    base_rates: baseRates(tradable),
    decisions: spikes
      .filter((spike) => spike.analyst === analyst)
      .slice(0, SHOWN_DECISIONS)
      .map(({ symbol, minute, action, confidence, forward_return_bps, net_return_bps }) => ({
        symbol,
        minute,
        action,
        confidence,
        forward_return_bps,
        net_return_bps,
      })),
  };
}

function tradableSpike(graded: GradedSpike): readonly TradableSpike[] {
  const { symbol, minute, side, shape, fade_net_return_bps, follow_net_return_bps } = graded;
  if (side === null || shape === null || fade_net_return_bps === null || follow_net_return_bps === null) return [];
  return [{ symbol, minute, side, shape, fade_net_return_bps, follow_net_return_bps }];
}

function nearest(shape: SpikeShape, spikes: readonly TradableSpike[]): readonly NearSpike[] {
  return spikes
    .flatMap(({ shape: other, ...spike }) => {
      const distance = shapeDistance(shape, other);
      return distance === null ? [] : [{ ...spike, distance }];
    })
    .toSorted((a, b) => a.distance - b.distance || b.minute - a.minute || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, NEAREST);
}

function baseRates(spikes: readonly TradableSpike[]): BaseRates {
  const fade = spikes.map((spike) => spike.fade_net_return_bps);
  const follow = spikes.map((spike) => spike.follow_net_return_bps);
  // Against liquidated longs one buys, with them one sells.
  const traded = (isBuy: boolean) =>
    spikes.map((spike) => ((spike.side === "long") === isBuy ? spike.fade_net_return_bps : spike.follow_net_return_bps));
  return {
    graded: spikes.length,
    fade_hit_rate: hitRate(fade),
    follow_hit_rate: hitRate(follow),
    fade_mean_net_bps: mean(fade),
    follow_mean_net_bps: mean(follow),
    buy_hit_rate: hitRate(traded(true)),
    sell_hit_rate: hitRate(traded(false)),
  };
}

function hitRate(returns: readonly number[]): number | null {
  return mean(returns.map((value) => (value > 0 ? 1 : 0)));
}
