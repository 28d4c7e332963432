import { episodeOf } from "./episode.ts";
import type { Horizon } from "../grades/grade.ts";
import { type Difference, type Outcome, type ReturnScore, scoreDifference, scoreNothing, scoreReturns } from "./return-score.ts";
import type { Action } from "../signals/verdict.ts";

/**
 * What an analyst is compared with. `nothing` never trades; `coin` tosses one at the moment of the decision, computed, not
 * drawn; `random` trades the same action at earlier times of the same hour of the week and volatility; `fade` and `follow`
 * trade every spike against and with its forced flow; `rule` is the rule model on the same input.
 */
export const BASELINES = ["nothing", "coin", "random", "fade", "follow", "rule"] as const;
export type Baseline = (typeof BASELINES)[number];

/** Cost of entry and exit together in grades from before it was measured, bps. */
const FORMER_COST_BPS = 10;

/** What a baseline needs of a graded decision. Returns are after cost, in bps. */
export interface ComparedDecision {
  readonly created_time: number;
  readonly action: Action;
  readonly rule_action: Action;
  readonly forward_return_bps: number;
  /** Null in grades from before they were measured, and where unknown: then `net_return_bps` is too. */
  readonly cost_bps: number | null;
  readonly funding_bps: number | null;
  readonly net_return_bps: number | null;
  readonly rule_net_return_bps: number | null;
  readonly fade_net_return_bps: number | null;
  readonly follow_net_return_bps: number | null;
  readonly random_net_return_bps: number | null;
  /** Null in grades with a single draw. */
  readonly random_hit_rate: number | null;
}

export interface BaselineScore extends ReturnScore {
  readonly difference: Difference;
}

/** The outcome of an analyst's own decision; null for NOTHING. */
export function ownOutcome(decision: ComparedDecision): Outcome | null {
  return outcome(decision, decision.net_return_bps);
}

/** What the decisions would have earned by a baseline, and what they earned more than it. */
export function scoreBaseline(baseline: Baseline, decisions: readonly ComparedDecision[], horizon: Horizon): BaselineScore {
  const places = decisions.map((decision) => ({ decision, theirs: OUTCOMES[baseline](decision) }));
  const outcomes = places.flatMap(({ theirs }) => (theirs === "unknown" || theirs === null ? [] : [theirs]));
  const difference = scoreDifference(
    places.flatMap(({ decision, theirs }) => {
      const own = decision.net_return_bps ?? (decision.action === "NOTHING" ? 0 : null);
      if (own === null || theirs === "unknown") return [];
      return [{ episode: episodeOf(decision.created_time), value: own - (theirs?.net_return_bps ?? 0) }];
    }),
    horizon,
  );
  return { ...(baseline === "nothing" ? scoreNothing(difference) : scoreReturns(outcomes, horizon)), difference };
}

/** What a baseline did in the place of a decision: null where it did not trade. */
const OUTCOMES: Readonly<Record<Baseline, (decision: ComparedDecision) => Outcome | "unknown" | null>> = {
  nothing: () => null,
  coin: coinOutcome,
  random: (decision) => {
    if (decision.action === "NOTHING") return "unknown";
    const drawn = outcome(decision, decision.random_net_return_bps);
    return drawn === null ? "unknown" : { ...drawn, hit: decision.random_hit_rate ?? drawn.hit };
  },
  fade: (decision) => outcome(decision, decision.fade_net_return_bps) ?? "unknown",
  follow: (decision) => outcome(decision, decision.follow_net_return_bps) ?? "unknown",
  rule: (decision) => (decision.rule_action === "NOTHING" ? null : (outcome(decision, decision.rule_net_return_bps) ?? "unknown")),
};

/**
 * A coin buys or sells, each with a chance of one half: its mean return is minus the cost, and it hits half of the times in
 * which the mark moved by more than that. In the place of NOTHING it is not tossed.
 */
function coinOutcome(decision: ComparedDecision): Outcome | "unknown" {
  const { created_time: time, action, forward_return_bps: forward, funding_bps: funding, cost_bps: cost } = decision;
  if (action === "NOTHING" || decision.net_return_bps === null) return "unknown";
  const paid = cost ?? FORMER_COST_BPS;
  return { episode: episodeOf(time), net_return_bps: -paid, hit: Math.abs(forward - (funding ?? 0)) > paid ? 0.5 : 0 };
}

function outcome({ created_time: time }: ComparedDecision, net: number | null): Outcome | null {
  return net === null ? null : { episode: episodeOf(time), net_return_bps: net, hit: net > 0 ? 1 : 0 };
}
