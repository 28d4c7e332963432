import { episodeOf } from "../scoreboard/episode.ts";
import type { FoldResult, HeldOutTrades } from "../signals/rule-model-file.ts";
import { type FadeEstimate, type TrainedRules, fadeEstimate, isWorthTrading } from "../signals/trained-rules.ts";
import { type Example, episodeCount, inOrder, weighByEpisode } from "./example.ts";
import { fitRules, outcomeOf } from "./fit-rules.ts";
import { logLoss } from "./ridge-logistic.ts";
import { FOLDS, type Fold, walkForward } from "./walk-forward.ts";

/** Fewer say nothing of five folds. */
export const MIN_EPISODES = 100;
/** Number of folds in which the model must be better than the base rate. */
export const MIN_BETTER_FOLDS = 4;

export interface Training {
  readonly folds: readonly FoldResult[];
  readonly held_out: HeldOutTrades;
  /** The model of all examples; null where it cannot be fitted. */
  readonly model: TrainedRules | null;
  /** The reason why the model does not ship; null where it does. */
  readonly refusal: string | null;
}

/**
 * Tests the rule model on five later parts of the time, then trains it on everything. It ships where it beats the base rate's
 * log loss in four of five, and the trades of all five together earned, after cost, more than one standard error.
 */
export function trainRules(given: readonly Example[]): Training {
  const examples = inOrder(given);
  const judged = walkForward(examples).flatMap((fold) => judgeFold(fold) ?? []);
  const folds = judged.map(({ result }) => result);
  const held_out = heldOutTrades(judged.flatMap(({ trades }) => trades));
  const model = examples.length === 0 ? null : fitRules(examples);
  return { folds, held_out, model, refusal: refusalOf(episodeCount(examples), folds, held_out, model) };
}

interface Judged extends Example {
  readonly weight: number;
  readonly estimate: FadeEstimate;
}

interface JudgedFold {
  readonly result: FoldResult;
  readonly trades: readonly Judged[];
}

/** Null where nothing can be learned from the earlier part. */
function judgeFold({ training, test }: Fold): JudgedFold | null {
  const model = training.length === 0 ? null : fitRules(training);
  const [first, last] = [test[0], test.at(-1)];
  if (model === null || first === undefined || last === undefined) return null;
  const judged = weighByEpisode(test).map((example) => ({ ...example, estimate: fadeEstimate(model, example.features) }));
  const trades = judged.filter(({ estimate }) => isWorthTrading(estimate));
  const result = {
    from: first.minute,
    to: last.minute,
    training_episodes: episodeCount(training),
    episodes: episodeCount(test),
    decisions: test.length,
    log_loss: weightedMean(judged, (one) => logLoss(one.estimate.probability, outcomeOf(one))),
    base_log_loss: weightedMean(judged, (one) => logLoss(model.base_rate, outcomeOf(one))),
    trades: trades.length,
    net_bps: trades.length === 0 ? null : weightedMean(trades, ({ netBps }) => netBps),
  };
  return { result, trades };
}

function heldOutTrades(trades: readonly Judged[]): HeldOutTrades {
  const nets = [...Map.groupBy(trades, ({ minute }) => episodeOf(minute)).values()].map(
    (own) => own.reduce((sum, { netBps }) => sum + netBps, 0) / own.length,
  );
  const size = nets.length;
  const mean = nets.reduce((sum, net) => sum + net, 0) / size;
  const squares = nets.reduce((sum, net) => sum + (net - mean) ** 2, 0);
  return {
    trades: trades.length,
    episodes: size,
    net_bps: size === 0 ? null : mean,
    error_bps: size < 2 ? null : Math.sqrt(squares / (size - 1) / size),
  };
}

function refusalOf(
  episodes: number,
  folds: readonly FoldResult[],
  { net_bps: net, error_bps: error }: HeldOutTrades,
  model: TrainedRules | null,
): string | null {
  if (episodes < MIN_EPISODES) return `there are ${episodes} episodes of 4 hours with a graded spike; needed: ${MIN_EPISODES}`;
  if (model === null || folds.length < FOLDS) return "fading always earned its cost, or never did, so there is nothing to learn";
  const better = folds.filter(({ log_loss, base_log_loss }) => log_loss < base_log_loss).length;
  if (better < MIN_BETTER_FOLDS) return `it beat the base rate in ${better} of ${FOLDS} folds; needed: ${MIN_BETTER_FOLDS}`;
  if (net === null || error === null) return "it traded in fewer than two episodes of the folds";
  if (net <= error)
    return `its trades in the folds earned ${net.toFixed(1)} ± ${error.toFixed(1)} bps after cost; needed: more than one standard error`;
  return null;
}

function weightedMean<Row extends { readonly weight: number }>(rows: readonly Row[], value: (row: Row) => number): number {
  const whole = rows.reduce((sum, { weight }) => sum + weight, 0);
  return rows.reduce((sum, row) => sum + row.weight * value(row), 0) / whole;
}
