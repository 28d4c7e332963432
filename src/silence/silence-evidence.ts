import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import {
  type MarketMinute,
  type OwnActivity,
  type SilenceModel,
  averageActivity,
  hazardFactor,
  nextActivity,
  ownRatio,
  silenceClass,
} from "./silence-model.ts";

/** A silence is suspect where a venue that delivers falls silent like this on fewer days than one in so many. */
export const SUSPECT_DAYS = 1_000;
const MINUTES_PER_DAY = DAY_MS / MINUTE_MS;
/** No model is true: on simulated venues that are not of its form, silences reach the evidence about so many times as often. */
const MODEL_ERROR = 3;
/** The logarithm of the evidence at which a silence is suspect. */
export const SUSPECT_EVIDENCE = Math.log(SUSPECT_DAYS * MINUTES_PER_DAY * MODEL_ERROR);
/** No minute counts for more than 1 in 100: venues are late by a minute, and a burst of the others is one event. */
const MAX_SURPRISE = Math.log(100);

/** More evidence says nothing more: an outage may last for days. */
const MAX_EVIDENCE = 40;

/** What is known of a venue after a minute. */
export interface Evidence {
  readonly own: OwnActivity;
  /**
   * Logarithm of the statistic of Shiryaev and Roberts, R ← (1 + R) / P(no liquidation), which every liquidation sets to 0; null
   * where it is 0. While a venue delivers, R minus the number of minutes is a martingale, so R reaches A once in A minutes or less
   * often, however often it is looked at.
   */
  readonly logEvidence: number | null;
  /** Of the silence that lasts. */
  readonly silentMinutes: number;
  /** −log of the probability that a venue that delivers is silent through it. */
  readonly surprise: number;
}

export function noEvidence({ rate }: SilenceModel): Evidence {
  return { own: averageActivity(rate), logEvidence: null, silentMinutes: 0, surprise: 0 };
}

/**
 * @param market null where nothing is known of the others: a silent minute is no evidence
 * @param count null where it is not known what the venue delivered
 */
export function afterMinute(before: Evidence, model: SilenceModel, market: MarketMinute | null, count: number | null): Evidence {
  if (count === null) return before;
  const own = market === null ? before.own : nextActivity(before.own, model.rate, market, count);
  if (count > 0) return { own, logEvidence: null, silentMinutes: 0, surprise: 0 };
  if (market === null) return before;
  const hazard = model.hazards[silenceClass(before.silentMinutes)] ?? 0;
  const surprise = Math.min(MAX_SURPRISE, model.weight * hazard * hazardFactor(model, market, ownRatio(before.own)));
  return {
    own,
    logEvidence: Math.min(MAX_EVIDENCE, Math.log1p(Math.exp(before.logEvidence ?? -Infinity)) + surprise),
    silentMinutes: before.silentMinutes + 1,
    surprise: before.surprise + surprise,
  };
}

/**
 * @param family number of silences that are judged together, of which one is as good a false alarm as another
 * @returns at most so many of the days on which all of them deliver have a silence that is this surprising: an upper bound, 0 to 1,
 *   that holds however often it is looked at
 */
export function silenceProbability({ logEvidence }: Pick<Evidence, "logEvidence">, family = 1): number {
  return logEvidence === null ? 1 : Math.min(1, family * MINUTES_PER_DAY * MODEL_ERROR * Math.exp(-logEvidence));
}

/** @param family as of `silenceProbability` */
export function isSuspect({ logEvidence }: Pick<Evidence, "logEvidence">, family = 1): boolean {
  return logEvidence !== null && logEvidence >= SUSPECT_EVIDENCE + Math.log(family);
}
