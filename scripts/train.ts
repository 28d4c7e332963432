import { writeFileSync } from "node:fs";
import { messageOf } from "../src/message-of.ts";
import { RULE_MODEL_KEY, type RuleModelFile, sealRuleModel } from "../src/signals/rule-model-file.ts";
import { type Training, trainRules } from "../src/training/train-rules.ts";
import { UsageError } from "./backtest/usage-error.ts";
import { installModel } from "./train/install-model.ts";
import { type TrainOptions, USAGE, readOptions } from "./train/options.ts";
import { replayExamples } from "./train/replay-examples.ts";
import { trainingReport } from "./train/report.ts";
import { trainCascades } from "./train/train-cascades.ts";

/** @returns the exit code */
async function trainRuleModel({ replay, out, install }: TrainOptions): Promise<number> {
  const stored = await replayExamples(replay);
  const training = trainRules(stored.examples);
  const file = await fileOf(training);
  for (const line of trainingReport(stored, training, file?.hash ?? null)) console.log(line);
  const json = `${JSON.stringify(file ?? { refusal: training.refusal }, null, 1)}\n`;
  if (out !== null) writeFileSync(out, json);
  if (!install) return 0;
  if (file === null || file.refusal !== null) {
    console.log("Nothing was installed. A model that was installed before stays.");
    return 1;
  }
  await installModel(RULE_MODEL_KEY, json, replay.data.kind === "state" ? replay.data.path : null);
  console.log("Installed: it decides within a minute, as `rule_model` of GET /v1/status then says.");
  return 0;
}

async function fileOf({ model, folds, held_out, refusal }: Training): Promise<RuleModelFile | null> {
  return model === null ? null : sealRuleModel({ ...model, folds, held_out, refusal });
}

try {
  const options = readOptions(process.argv.slice(2), Date.now());
  if (options === null) console.log(USAGE);
  else process.exitCode = await (options.trained === "cascades" ? trainCascades(options) : trainRuleModel(options));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
