import { BASELINES, type Baseline, type BaselineScore, type ComparedDecision, ownOutcome, scoreBaseline } from "./baselines.ts";
import { blockLength, clusteredMean, rateInterval, zeroMeanPValue } from "./clustered-interval.ts";
import { episodeOf } from "./episode.ts";
import { HEADLINE_HORIZON, HORIZON_NAMES, type Horizon } from "../grades/grade.ts";
import { holmAdjusted } from "./holm.ts";
import { MIN_SHOWN, type ReturnScore, scoreReturns } from "./return-score.ts";
import type { MutingStatus } from "./muting.ts";
import type { RecordKey } from "./track-record.ts";
import { type Forecast, brierScore, brierSkill, mean } from "./scores.ts";

const BUCKET = 10;

/** A decision and its outcome over one horizon. */
export interface GradedDecision extends ComparedDecision {
  readonly horizon: Horizon;
  readonly confidence: number;
  readonly calibrated_probability: number | null;
}

export interface ReliabilityBucket {
  /** Range of confidence: from (inclusive) to (exclusive, except 100). */
  readonly from: number;
  readonly to: number;
  readonly graded: number;
  readonly n_episodes: number;
  readonly mean_confidence: number;
  readonly hit_rate: number;
  /** Null where the decisions span too few days. */
  readonly hit_rate_low: number | null;
  readonly hit_rate_high: number | null;
}

export interface HorizonScore extends ReturnScore {
  /** BUY and SELL whose cost is not fully known: they have no net return and count in no figure. */
  readonly ungraded_cost: number;
  /** The question that was fixed beforehand, or one of those that are looked at beside it. */
  readonly role: "registered" | "exploratory";
  /** Of the hypothesis that the mean net return is 0, two-sided. */
  readonly p_value: number | null;
  /** The same, corrected for the number of exploratory horizons by Holm's method; `p_value` at the registered one. */
  readonly adjusted_p_value: number | null;
  /** Of the stated confidence, at the horizon it speaks of; null elsewhere. */
  readonly brier_score: number | null;
  readonly brier_skill: number | null;
  /** Number of graded BUY and SELL with a calibrated probability, and the same of these probabilities; null under 20 of them. */
  readonly calibrated: number;
  readonly brier_score_calibrated: number | null;
  readonly brier_skill_calibrated: number | null;
  /** Empty where the Brier score is null. */
  readonly reliability: readonly ReliabilityBucket[];
  readonly baselines: Readonly<Record<Baseline, BaselineScore>>;
}

/** The record of one analyst, model and version of the prompt. */
export interface RecordScore extends RecordKey {
  /** Number of its decisions among those read, and of the BUY and SELL among them. */
  readonly decisions: number;
  readonly trades: number;
  /** Of the decisions read, ms. */
  readonly first_decision_time: number;
  readonly last_decision_time: number;
  /** Over the whole record and all symbols. */
  readonly muting: MutingStatus;
  /** At the registered horizon. */
  readonly score: HorizonScore;
}

/** A record, and the number of its decisions among those read. */
export interface ScoredRecord extends RecordKey {
  readonly decisions: number;
}

export interface Scoreboard {
  readonly registered_horizon: Horizon;
  /** Number of decisions read, and their maximum. */
  readonly decisions: number;
  readonly max_decisions: number;
  /** The record that the next decision belongs to. */
  readonly serving: RecordKey & MutingStatus;
  /**
   * The record that `horizons` speaks of: the one that serves, or where decisions of another analyst are asked for, the one of
   * these that decided last. Null where that analyst has decided nothing.
   */
  readonly horizons_of: ScoredRecord | null;
  readonly horizons: Readonly<Record<Horizon, HorizonScore>>;
  /** Side by side, the one that decided last first. */
  readonly records: readonly RecordScore[];
}

/** The outcomes of decisions by horizon. */
export function scoreHorizons(decisions: readonly GradedDecision[]): Readonly<Record<Horizon, HorizonScore>> {
  const scores = HORIZON_NAMES.map((name) =>
    scoreHorizon(
      decisions.filter(({ horizon }) => horizon === name),
      name,
    ),
  );
  const adjusted = holmAdjusted(scores.map(({ role, p_value }) => (role === "exploratory" ? p_value : null)));
  const named = scores.map((score, index) => [
    HORIZON_NAMES[index],
    score.role === "registered" ? score : { ...score, adjusted_p_value: adjusted[index] ?? null },
  ]);
  return Object.fromEntries(named) as Record<Horizon, HorizonScore>;
}

/** The outcomes over one horizon. At an exploratory one the p-value is not corrected yet. */
export function scoreHorizon(decisions: readonly GradedDecision[], horizon: Horizon): HorizonScore {
  const isRegistered = horizon === HEADLINE_HORIZON;
  const trades = decisions.filter((decision) => decision.net_return_bps !== null);
  const outcomes = trades.map(ownOutcome).filter((outcome) => outcome !== null);
  const score = scoreReturns(outcomes, horizon);
  const shown = score.verdict === "sufficient";
  const forecasts = shown && isRegistered ? trades.map(statedForecast) : [];
  const calibrated = isRegistered ? trades.flatMap(calibratedForecast) : [];
  const shownCalibrated = calibrated.length < MIN_SHOWN ? [] : calibrated;
  const returns = outcomes.map(({ episode, net_return_bps: value }) => ({ episode, value }));
  const meanReturn = shown ? clusteredMean(returns, blockLength(horizon)) : null;
  const p = meanReturn === null ? null : zeroMeanPValue(meanReturn);
  const baselines = BASELINES.map((baseline) => [baseline, scoreBaseline(baseline, decisions, horizon)]);
  return {
    ...score,
    ungraded_cost: decisions.filter(({ action, net_return_bps: net }) => action !== "NOTHING" && net === null).length,
    role: isRegistered ? "registered" : "exploratory",
    p_value: p,
    adjusted_p_value: isRegistered ? p : null,
    brier_score: brierScore(forecasts),
    brier_skill: brierSkill(forecasts),
    calibrated: calibrated.length,
    brier_score_calibrated: brierScore(shownCalibrated),
    brier_skill_calibrated: brierSkill(shownCalibrated),
    reliability: shown && isRegistered ? reliability(trades) : [],
    baselines: Object.fromEntries(baselines) as Record<Baseline, BaselineScore>,
  };
}

function reliability(trades: readonly GradedDecision[]): readonly ReliabilityBucket[] {
  const buckets = Map.groupBy(trades, ({ confidence }) => Math.min(100 - BUCKET, Math.floor(confidence / BUCKET) * BUCKET));
  return [...buckets]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([from, members]) => {
      const hits = members.map((trade) => ({ episode: episodeOf(trade.created_time), value: isHit(trade) ? 1 : 0 }));
      const rate = clusteredMean(hits, blockLength(HEADLINE_HORIZON));
      if (rate === null) return [];
      const interval = rateInterval(rate);
      return [
        {
          from,
          to: from + BUCKET,
          graded: members.length,
          n_episodes: rate.episodes,
          mean_confidence: mean(members.map((trade) => trade.confidence)) ?? 0,
          hit_rate: rate.mean,
          hit_rate_low: interval?.low ?? null,
          hit_rate_high: interval?.high ?? null,
        },
      ];
    });
}

function statedForecast(trade: GradedDecision): Forecast {
  return { probability: trade.confidence / 100, hit: isHit(trade) };
}

function calibratedForecast(trade: GradedDecision): readonly Forecast[] {
  const { calibrated_probability: probability } = trade;
  return probability === null ? [] : [{ probability, hit: isHit(trade) }];
}

function isHit({ net_return_bps: net }: GradedDecision): boolean {
  return (net ?? 0) > 0;
}
