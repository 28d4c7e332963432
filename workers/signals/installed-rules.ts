import { MAX_RULE_MODEL_BYTES, RULE_MODEL_KEY, type ServedRules, readRuleModel } from "../../src/signals/rule-model-file.ts";
import { RULES_V1 } from "../../src/signals/rules-v1.ts";
import { InstalledFile } from "../r2/installed-file.ts";

/** The rule model that decides. */
export interface InstalledRules {
  /** Null where the rules decide. */
  readonly trained: ServedRules | null;
  /** `rules-v1`, or the version of the trained model. */
  readonly version: string;
  /** The reason why no trained model decides; null where one does. */
  readonly reason: string | null;
}

const ruleModel = new InstalledFile<ServedRules>({
  key: RULE_MODEL_KEY,
  maxBytes: MAX_RULE_MODEL_BYTES,
  verb: "decide",
  read: readRuleModel,
});

/**
 * The rule model that was installed in R2 by `npm run train`, read at most once a minute. Where there is none, or none that
 * may decide, the rules decide. A bucket that does not respond leaves what was read before.
 */
export async function installedRules(bucket: R2Bucket, now: number): Promise<InstalledRules> {
  const { model, reason } = await ruleModel.read(bucket, now);
  return { trained: model, version: model?.version ?? RULES_V1, reason };
}
