/**
 * How surprising it is that a venue has no liquidation in a minute, given the others, the price, and how long it has been silent:
 * `−log P(none) = hazards[c] · activity^elasticity · lately^lateElasticity · exp(moveEffect · (move − 1)) · own^ownEffect`, where c is the class of the
 * silent minutes before (0, 1, 2 to 3, 4 to 7, 8 to 15, 16 and more). Liquidations come in clusters, so the chance of another one
 * falls in a silence: the classes carry that, and only the liquidations that begin a cluster count as evidence.
 */
export interface SilenceModel {
  /** Average number of liquidations a minute. */
  readonly rate: number;
  /** Of the activity of the others in ten minutes, and in the last two beside that. */
  readonly elasticity: number;
  readonly lateElasticity: number;
  /** Per average absolute move of the price. */
  readonly moveEffect: number;
  readonly ownEffect: number;
  /** Of each class of silent minutes before, at an average activity. */
  readonly hazards: readonly number[];
  /** Below 1 where the silences of the fitted days were longer than the model allows for: each minute then counts for less. */
  readonly weight: number;
}

export type Effects = Pick<SilenceModel, "elasticity" | "lateElasticity" | "moveEffect" | "ownEffect">;

/** The market in a minute, as the other venues and the price show it; 1 is the average of both. */
export interface MarketMinute {
  readonly activity: number;
  /** Of the last two minutes, beside the ten. */
  readonly lately: number;
  readonly move: number;
}

/** How active a venue is beside the others, over hours: averages of its liquidations and of the others' activity. */
export interface OwnActivity {
  readonly events: number;
  readonly expected: number;
}

/** First number of silent minutes of each class. */
export const SILENCE_CLASSES = [0, 1, 2, 4, 8, 16, 32, 64] as const;
/** A burst of the others beyond this many times their average says nothing more. */
const MAX_ACTIVITY = 50;
const MAX_MOVE = 6;
/** Memory of the own activity: 6 hours. */
const KEPT = Math.exp(-1 / 360);
/** Keeps the ratio of rare venues near 1, in liquidations of 6 hours. */
const ADDED_EVENTS = 5;

export function silenceClass(silentMinutes: number): number {
  return SILENCE_CLASSES.findLastIndex((first) => silentMinutes >= first);
}

/** What a class's hazard is multiplied with. */
export function hazardFactor(
  { elasticity, lateElasticity, moveEffect, ownEffect }: Effects,
  { activity, lately, move }: MarketMinute,
  ratio: number,
): number {
  const others = Math.min(activity, MAX_ACTIVITY) ** elasticity * Math.min(lately, MAX_ACTIVITY) ** lateElasticity;
  return others * Math.exp(moveEffect * (Math.min(move, MAX_MOVE) - 1)) * ratio ** ownEffect;
}

export function averageActivity(rate: number): OwnActivity {
  return { events: rate, expected: rate };
}

export function ownRatio({ events, expected }: OwnActivity): number {
  const added = ADDED_EVENTS * (1 - KEPT);
  return (events + added) / (expected + added);
}

export function nextActivity(own: OwnActivity, rate: number, { activity }: MarketMinute, count: number): OwnActivity {
  return {
    events: KEPT * own.events + (1 - KEPT) * count,
    expected: KEPT * own.expected + (1 - KEPT) * rate * Math.min(activity, MAX_ACTIVITY),
  };
}
