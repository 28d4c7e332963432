import { readFileSync, statSync } from "node:fs";
import { MAX_RULE_MODEL_BYTES, type ServedRules, readRuleModel } from "../../src/signals/rule-model-file.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The rule model in a file of `npm run train -- --out FILE`.
 * @throws {UsageError} where it is none that may decide, with the reason
 */
export async function readRules(path: string): Promise<ServedRules> {
  const { size } = statSync(path);
  if (size > MAX_RULE_MODEL_BYTES) throw refused(path, `it has ${size} bytes; a rule model has at most ${MAX_RULE_MODEL_BYTES}`);
  const rules = await readRuleModel(readFileSync(path, "utf8"));
  if (typeof rules === "string") throw refused(path, rules);
  return rules;
}

function refused(path: string, reason: string): UsageError {
  return new UsageError(`--rules ${path}: ${reason}; allowed: the file of a model that ships, as npm run train -- --out FILE writes it`);
}
