import { episodeOf } from "./episode.ts";
import { type DecisionTime, HEADLINE_HORIZON, dueTime } from "../grades/grade-times.ts";

/** Raise it with every change of the rule below: what was settled by another one is counted again. */
export const MUTING_RULE = 1;

/** An analyst is un-muted at this wealth, and muted again under the other. */
export const UNMUTED_AT = 20;
export const MUTED_UNDER = 2;
/** Wealth above this is not kept: an edge that ends is then noticed as fast after years as after months. */
const MAX_WEALTH = 200;

/** A net return of this many bps is one unit; gains above it count as it. */
const UNIT_BPS = 300;
/** Maximum share of the wealth that is bet on an episode. */
const MAX_BET = 0.5;
/** A loss takes at most all but this share of the wealth. */
const MIN_FACTOR = 0.02;
/** A bet must survive a loss so many times the largest before: losses beyond that would not count in full. */
const WORSE_THAN_BEFORE = 2;
/** The past begins with one imagined episode of twice the unit and the mean 0, so that the first bets are small. */
const IMAGINED_SQUARE = 4;

/** How far the record of an analyst has come. */
export interface MutingState {
  /** What a bettor would have who started with 1 and bet on the analyst's net returns. */
  readonly wealth: number;
  readonly muted: boolean;
  /** Number of episodes counted; sum, sum of squares and largest loss of their net returns, in units of 300 bps. */
  readonly episodes: number;
  readonly sum: number;
  readonly sum_of_squares: number;
  readonly largest_loss: number;
  /** The last episode counted, and when its outcome was known, ms; null before the first. */
  readonly last_episode: number | null;
  readonly known_time: number | null;
}

export const NEW_RECORD: MutingState = {
  wealth: 1,
  muted: true,
  episodes: 0,
  sum: 0,
  sum_of_squares: 0,
  largest_loss: 0,
  last_episode: null,
  known_time: null,
};

/**
 * Share of the wealth that is bet on the next episode: mean ÷ variance of the past, which maximises its growth for small
 * returns (Kelly 1956), 0 where the past lost.
 */
export function betOf({ episodes, sum, sum_of_squares: squares, largest_loss: loss }: MutingState): number {
  const count = episodes + 1;
  const mean = sum / count;
  const variance = (squares + IMAGINED_SQUARE) / count - mean ** 2;
  return Math.max(0, Math.min(MAX_BET, (1 - MIN_FACTOR) / (WORSE_THAN_BEFORE * loss), mean / variance));
}

/** The part of a state that an outcome changes. */
type Outcomes = Omit<MutingState, "last_episode" | "known_time">;

/**
 * The state after one more episode. The bet is known before the outcome and the factor is above 0, so the wealth of an
 * analyst without an edge is a supermartingale: it ever reaches 20 with a chance of at most 1 in 20 (Ville 1939; Vovk & Wang
 * 2021, Annals of Statistics 49(3); Waudby-Smith & Ramdas 2024, JRSS B 86(1)).
 */
export function afterEpisode(state: MutingState, netReturnBps: number): Outcomes {
  const x = Math.min(1, netReturnBps / UNIT_BPS);
  const wealth = Math.min(MAX_WEALTH, state.wealth * Math.max(MIN_FACTOR, 1 + betOf(state) * x));
  return {
    wealth,
    muted: state.muted ? wealth < UNMUTED_AT : wealth < MUTED_UNDER,
    episodes: state.episodes + 1,
    sum: state.sum + x,
    sum_of_squares: state.sum_of_squares + x ** 2,
    largest_loss: Math.max(state.largest_loss, -x),
  };
}

/** A decision to BUY or SELL, and its outcome over 1 h. */
export interface MutingDecision extends DecisionTime {
  /** Net return, bps; `pending` until it is graded, `ungradable` where a mark is missing. */
  readonly outcome: number | "pending" | "ungradable";
}

/**
 * The state after more decisions of one record, in ledger order. Of an episode the first decision counts that was made
 * after the outcome of the last one counted was known, so that no two paths overlap; one that cannot be graded does not
 * count. The first pending one that would count ends it: those after it are counted once it is graded.
 * @returns the state, and how many of the decisions it holds for good
 */
export function afterDecisions(
  state: MutingState,
  decisions: readonly MutingDecision[],
): { readonly state: MutingState; readonly settled: number } {
  let current = state;
  for (const [settled, { outcome, ...decision }] of decisions.entries()) {
    const episode = episodeOf(decision.created_time);
    const isCounted = current.last_episode !== null && episode <= current.last_episode;
    const overlaps = current.known_time !== null && decision.created_time < current.known_time;
    if (isCounted || overlaps || outcome === "ungradable") continue;
    if (outcome === "pending") return { state: current, settled };
    current = { ...afterEpisode(current, outcome), last_episode: episode, known_time: dueTime(decision, HEADLINE_HORIZON) };
  }
  return { state: current, settled: decisions.length };
}

/** What is published of a state. */
export interface MutingStatus {
  /** Whether the analyst's decisions are on paper only. */
  readonly paper: boolean;
  readonly wealth: number;
  readonly episodes: number;
  readonly unmuted_at: typeof UNMUTED_AT;
  readonly muted_under: typeof MUTED_UNDER;
  /** Factor by which the wealth has to grow until it is un-muted; null where it is. */
  readonly missing_factor: number | null;
  /** Number of episodes like those before that would bring it; null where the past shows no growth, and where it is un-muted. */
  readonly missing_episodes: number | null;
}

export function mutingStatus(state: MutingState): MutingStatus {
  const { muted, wealth, episodes } = state;
  const factor = muted ? UNMUTED_AT / wealth : null;
  const growth = growthOf(state);
  return {
    paper: muted,
    wealth,
    episodes,
    unmuted_at: UNMUTED_AT,
    muted_under: MUTED_UNDER,
    missing_factor: factor,
    missing_episodes: factor === null || growth <= 0 ? null : Math.ceil(Math.log(factor) / growth),
  };
}

/** Mean growth of the logarithm of the wealth over episodes like those before, to second order in the bet. */
function growthOf(state: MutingState): number {
  const bet = betOf(state);
  const squares = state.sum_of_squares + IMAGINED_SQUARE;
  return (bet * state.sum - (bet ** 2 * squares) / 2) / (state.episodes + 1);
}
