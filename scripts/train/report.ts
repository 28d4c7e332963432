import { utcDate } from "../../src/batch-object.ts";
import { RULES_V1 } from "../../src/signals/rules-v1.ts";
import { type FoldResult, rulesV2 } from "../../src/signals/rule-model-file.ts";
import type { TrainedRules } from "../../src/signals/trained-rules.ts";
import type { Training } from "../../src/training/train-rules.ts";
import { table } from "../table.ts";
import type { StoredExamples } from "./replay-examples.ts";

/**
 * What was trained on, each fold, and which model serves.
 * @param hash of the file of the model; null where there is none
 */
export function trainingReport(
  { examples, decisions, unknownCost, missingDays, notes }: StoredExamples,
  training: Training,
  hash: string | null,
): readonly string[] {
  const { folds, held_out, model, refusal } = training;
  return [
    `Decisions: ${decisions}, of which ${examples.length} have a side to fade and a grade at 1 h`,
    ...(unknownCost > 0 ? [`Decisions that teach nothing because a part of their cost is unknown: ${unknownCost}`] : []),
    ...(missingDays > 0 ? [`Days of the range without stored data: ${missingDays}`] : []),
    ...notes,
    ...(model === null ? [] : ["", ...modelLines(model)]),
    ...(folds.length === 0 ? [] : ["", table(FOLD_HEADER, folds.map(foldRow)), LOSSES]),
    `Trades of all folds: ${held_out.trades} in ${held_out.episodes} episodes, ${bps(held_out.net_bps)} ± ${bps(held_out.error_bps)} bps after cost`,
    "",
    refusal === null && hash !== null
      ? `Ships: ${rulesV2(hash)} decides once it is installed.`
      : `Does not ship, so that ${RULES_V1} decides: ${refusal ?? "there is no model"}.`,
  ];
}

const LOSSES = "Log loss in nats: the model is better than the base rate where its own is lower. An episode of 4 hours counts once.";
const FOLD_HEADER = [
  "fold",
  "from",
  "to",
  "trained on",
  "episodes",
  "decisions",
  "log loss",
  "of the base rate",
  "better",
  "trades",
  "net bps",
];

function foldRow(fold: FoldResult, index: number): string[] {
  return [
    String(index + 1),
    utcDate(fold.from),
    utcDate(fold.to),
    String(fold.training_episodes),
    String(fold.episodes),
    String(fold.decisions),
    fold.log_loss.toFixed(4),
    fold.base_log_loss.toFixed(4),
    fold.log_loss < fold.base_log_loss ? "yes" : "no",
    String(fold.trades),
    bps(fold.net_bps),
  ];
}

function modelLines(model: TrainedRules): readonly string[] {
  const { gain_bps, gain_error_bps, loss_bps, loss_error_bps, cost_bps, base_rate, episodes, trained_from, trained_to } = model;
  const rows = model.features.map(({ name, median, mean, deviation, weight }, index) => {
    const error = Math.sqrt(model.covariance[index + 1]?.[index + 1] ?? 0);
    return [
      name,
      median.toFixed(2),
      mean.toFixed(2),
      deviation.toFixed(2),
      deviation === 0 ? "unknown throughout" : `${weight.toFixed(3)} ± ${error.toFixed(3)}`,
    ];
  });
  return [
    `Trained on ${episodes} episodes from ${utcDate(trained_from)} to ${utcDate(trained_to)}: fading earned its cost in ${(100 * base_rate).toFixed(1)} %.`,
    `Gain ${bps(gain_bps)} ± ${bps(gain_error_bps)} bps where it did, loss ${bps(loss_bps)} ± ${bps(loss_error_bps)} where not, cost ${bps(cost_bps)}.`,
    table(["feature", "median", "mean", "deviation", "logit for each deviation"], rows),
  ];
}

function bps(value: number | null): string {
  return value === null ? "-" : value.toFixed(1);
}
