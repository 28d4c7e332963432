import * as z from "zod";
import { readSealedModel, sealModel } from "../sealed-model.ts";
import { FEATURES_VERSION } from "./rule-features.ts";
import { type TrainedRules, fitsFeatures } from "./trained-rules.ts";

/** Where the Worker looks for the model in R2. */
export const RULE_MODEL_KEY = "models/rule-model.json";
/** A file larger than this is no rule model, bytes. */
export const MAX_RULE_MODEL_BYTES = 65_536;
/** Digits of the hash in a version: enough to tell the models of one operator apart. */
const VERSION_DIGITS = 12;

/** What a model of earlier data did in a later part of the time. An episode counts once; times in ms. */
export interface FoldResult {
  readonly from: number;
  readonly to: number;
  readonly training_episodes: number;
  readonly episodes: number;
  readonly decisions: number;
  /** Mean log loss of the model, and of the base rate of its training data, nats. */
  readonly log_loss: number;
  readonly base_log_loss: number;
  /** Decisions that the model trades, and their mean return after cost; null without any. */
  readonly trades: number;
  readonly net_bps: number | null;
}

/** The trades of all folds together: their mean return after cost by episode and its standard error, bps; null where unknown. */
export interface HeldOutTrades {
  readonly trades: number;
  readonly episodes: number;
  readonly net_bps: number | null;
  readonly error_bps: number | null;
}

/** The file of a trained rule model. */
export interface RuleModelFile extends TrainedRules {
  readonly folds: readonly FoldResult[];
  readonly held_out: HeldOutTrades;
  /** The reason why it must not decide; null where it passed its test. */
  readonly refusal: string | null;
  /** SHA-256 of the canonical JSON of all other fields. */
  readonly hash: string;
}

const count = z.int().min(0);
const finite = z.number();
const share = z.number().gt(0).lt(1);

const fileSchema = z.strictObject({
  features_version: count,
  trained_from: count,
  trained_to: count,
  decisions: count,
  episodes: count,
  base_rate: share,
  gain_bps: finite,
  gain_error_bps: finite.min(0),
  loss_bps: finite,
  loss_error_bps: finite.min(0),
  cost_bps: finite,
  intercept: finite,
  features: z.array(z.strictObject({ name: z.string(), median: finite, mean: finite, deviation: finite.min(0), weight: finite })),
  covariance: z.array(z.array(finite)),
  folds: z.array(
    z.strictObject({
      from: count,
      to: count,
      training_episodes: count,
      episodes: count,
      decisions: count,
      log_loss: finite,
      base_log_loss: finite,
      trades: count,
      net_bps: finite.nullable(),
    }),
  ),
  held_out: z.strictObject({ trades: count, episodes: count, net_bps: finite.nullable(), error_bps: finite.nullable() }),
  refusal: z.string().nullable(),
  hash: z.string(),
}) satisfies z.ZodType<RuleModelFile>;

/** A trained model that may decide, under the version that its decisions name. */
export interface ServedRules {
  readonly version: string;
  readonly model: RuleModelFile;
}

export function rulesV2(hash: string): string {
  return `rules-v2:${hash.slice(0, VERSION_DIGITS)}`;
}

export function sealRuleModel(model: Omit<RuleModelFile, "hash">): Promise<RuleModelFile> {
  return sealModel(model);
}

/**
 * The model of a file.
 * @returns a text with the reason where it must not decide: it is no rule model, was changed, fits other features than those of
 * this version, or failed its test
 */
export async function readRuleModel(text: string): Promise<ServedRules | string> {
  const data = await readSealedModel<RuleModelFile>(text, fileSchema, "a rule model");
  if (typeof data === "string") return data;
  if (!fitsFeatures(data)) return `it was trained on features of version ${data.features_version}; this version has ${FEATURES_VERSION}`;
  const size = data.features.length + 1;
  if (data.covariance.length !== size || data.covariance.some((row) => row.length !== size)) return `covariance: not ${size} × ${size}`;
  if (data.refusal !== null) return `it failed its test: ${data.refusal}`;
  return { version: rulesV2(data.hash), model: data };
}
