import { writeFileSync } from "node:fs";
import { utcDate } from "../../src/batch-object.ts";
import { FORECAST_FEATURES } from "../../src/cascade-forecast/forecast-features.ts";
import { FORECAST_MODEL_KEY, type ForecastModelFile, sealForecastModel } from "../../src/cascade-forecast/forecast-model-file.ts";
import type { LeadTimes } from "../../src/cascade-forecast/lead-times.ts";
import { trainForecast } from "../../src/training/train-forecast.ts";
import { table } from "../table.ts";
import { installModel } from "./install-model.ts";
import type { TrainOptions } from "./options.ts";
import { type StoredForecasts, replayForecasts } from "./replay-forecasts.ts";

/** @returns the exit code */
export async function trainCascades({ replay, out, install }: TrainOptions): Promise<number> {
  const stored = await replayForecasts(replay);
  const { model, refusal } = trainForecast(stored.rows, stored.starts);
  const file = model === null ? null : await sealForecastModel({ ...model, refusal });
  for (const line of report(stored, file, refusal)) console.log(line);
  const json = `${JSON.stringify(file ?? { refusal }, null, 1)}\n`;
  if (out !== null) writeFileSync(out, json);
  if (!install) return 0;
  if (file === null || refusal !== null) {
    console.log("Nothing was installed. A model that was installed before stays.");
    return 1;
  }
  await installModel(FORECAST_MODEL_KEY, json, replay.data.kind === "state" ? replay.data.path : null);
  console.log("Installed: it forecasts within a minute or two, as `cascade_forecast` of GET /v1/status then says.");
  return 0;
}

function report(
  { rows, starts, notCovered, missingDays, notes }: StoredForecasts,
  file: ForecastModelFile | null,
  refusal: string | null,
): readonly string[] {
  return [
    `Liquidations, one in 10 s of a side: ${rows.reduce((sum, { weight }) => sum + weight, 0)}; cascades: ${starts.length}`,
    ...(notCovered > 0 ? [`Liquidations that teach nothing because too few venues were connected after them: ${notCovered}`] : []),
    ...(missingDays > 0 ? [`Days of the range without stored data: ${missingDays}`] : []),
    ...notes,
    ...(file === null ? [] : modelLines(file)),
    "",
    refusal === null && file !== null
      ? `Ships: ${file.hash} forecasts once it is installed.`
      : `Does not ship, so that no probability is shown: ${refusal ?? "there is no model"}.`,
  ];
}

function modelLines({ features, trained_from, trained_to, test, cascades }: ForecastModelFile): readonly string[] {
  const weights = features.map(({ name, mean, deviation, weight }, index) => [
    name,
    FORECAST_FEATURES[index]?.unit ?? "",
    mean.toFixed(3),
    deviation.toFixed(3),
    deviation === 0 ? "unknown or the same throughout" : weight.toFixed(3),
  ]);
  const folds = test.folds.map((fold, index) => [
    String(index + 1),
    utcDate(fold.from),
    utcDate(fold.to - 1),
    String(fold.training_cascades),
    String(fold.cascades),
    fold.pr_auc.toFixed(3),
    fold.velocity_pr_auc.toFixed(3),
  ]);
  const bins = test.reliability.map(({ from, to, forecasts, mean_probability, followed_share }) => [
    `${from} to ${to}`,
    String(forecasts),
    mean_probability?.toFixed(4) ?? "-",
    followed_share?.toFixed(4) ?? "-",
  ]);
  return [
    "",
    `Trained on ${cascades} cascades from ${utcDate(trained_from)} to ${utcDate(trained_to)}.`,
    table(["feature", "unit", "mean", "deviation", "logit for each deviation"], weights),
    "",
    table(["fold", "from", "to", "trained on cascades", "cascades", "PR-AUC", "of the velocity"], folds),
    `All folds: ${test.cascades} cascades, PR-AUC ${test.pr_auc.toFixed(3)} against ${test.velocity_pr_auc.toFixed(3)} of the velocity and ${test.base_rate.toFixed(3)} of chance;`,
    `gain ${test.gain.toFixed(3)}, 95 % interval over days ${test.gain_low.toFixed(3)} to ${test.gain_high.toFixed(3)}.`,
    `Within base assets ${test.pr_auc_within.toFixed(3)} against ${test.velocity_pr_auc_within.toFixed(3)} of the velocity; of the USD of 90 s ${test.usd_pr_auc.toFixed(3)}. ${test.days} tested days with a cascade.`,
    `Forecast ${(100 * test.mean_probability).toFixed(2)} % in the mean, came true ${(100 * test.base_rate).toFixed(2)} %; calibration slope ${test.calibration_slope.toFixed(2)}.`,
    "",
    table(["probability", "forecasts", "mean forecast", "share that came true"], bins),
    `Alarm at ${test.alarm_probability.toFixed(3)}, the highest hundredth: ${(100 * test.alarm_precision).toFixed(0)} % came true. ${leadText(test.lead_times)}`,
  ];
}

function leadText({ cascades, led, p10_s, p50_s, p90_s }: LeadTimes): string {
  const quantiles =
    p50_s === null ? "" : ` by ${p10_s?.toFixed(1)} s (10 %), ${p50_s.toFixed(1)} s (median), ${p90_s?.toFixed(1)} s (90 %)`;
  return `Of ${cascades} cascades an alarm led ${led}${quantiles}.`;
}
