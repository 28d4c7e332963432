import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import { HORIZONS, type Horizon } from "./grade-times.ts";
import type { HourMark } from "./hour-mark.ts";
import type { MarkPath, PathProblem } from "./mark-path.ts";
import { MIN_DRAWS, type MatchedTrade, randomReturns } from "./random-times.ts";
import { type TradingCost, costProblem } from "./trading-cost.ts";
import type { Action } from "../signals/verdict.ts";

export { type DecisionTime, HEADLINE_HORIZON, HORIZONS, HORIZON_NAMES, type Horizon, dueTime, entryMinute } from "./grade-times.ts";

/**
 * How grades are computed. 1: marks of several venues on one path, a cost of 10 bps, one random time, no chain. 2: one
 * venue's marks, its cost in parts, up to 200 random times, chained; an unknown part of the cost counts as 0. 3: no net
 * return where a part is unknown.
 */
export const GRADE_VERSION = 3;

/** Maximum wait for a missing mark. */
const PATIENCE_MS = 15 * MINUTE_MS;

/** Whether missing marks may still arrive. */
export function mayStillCome(dueAt: number, now: number): boolean {
  return now < dueAt + PATIENCE_MS;
}

/** The part of a decision that its grades depend on. */
export interface GradedAction {
  readonly action: Action;
  /** The action of the rule model on the same input. */
  readonly rule_action: Action;
  /** The side with the larger liquidations: longs push the mark down. Null where neither dominated. */
  readonly side: PositionSide | null;
  /** Hash of the decision's record: the random times follow from it. */
  readonly hash: string;
}

/** The figures of a grade. Returns are of the mark price, in bps. */
export interface Grade extends TradingCost {
  /** Return of the mark price, whatever the action, before cost. */
  readonly forward_return_bps: number;
  /** Largest and smallest gain of the position along the way, before cost; for NOTHING, of a bought position. */
  readonly best_excursion_bps: number;
  readonly worst_excursion_bps: number;
  /** Paid by a bought position over the path, received by a sold one; null where unknown. */
  readonly funding_bps: number | null;
  /** Return of the action after cost and funding; null for NOTHING, and where a part of the cost or the funding is. */
  readonly net_return_bps: number | null;
  /** The same of the rule model's action on the same input. */
  readonly rule_net_return_bps: number | null;
  /** The same of trading against and with the forced flow; null where neither side dominated. */
  readonly fade_net_return_bps: number | null;
  readonly follow_net_return_bps: number | null;
  /**
   * Mean net return of the action at matched random times before the decision, at the cost and funding of the decision,
   * and the share of them above zero; null for NOTHING and with fewer than 20 draws.
   */
  readonly random_net_return_bps: number | null;
  readonly random_hit_rate: number | null;
  /** Number of random times; null for NOTHING. */
  readonly random_draws: number | null;
}

type Direction = 1 | -1 | null;

/** The trade that random times are drawn for; null where the action is none. */
export function matchedTrade({ action, hash }: GradedAction, horizon: Horizon, path: MarkPath): MatchedTrade | null {
  if (action === "NOTHING") return null;
  return { entryTime: path.entryTime, lengthMs: HORIZONS[horizon], volatility: path.volatility, hash };
}

/**
 * Grades a decision over a horizon.
 * @param hours the marks of the path's venue in `hoursToDraw`
 */
export function gradeOf(decision: GradedAction, horizon: Horizon, path: MarkPath, hours: readonly HourMark[]): Grade {
  const { action, rule_action, side } = decision;
  const direction = directionOf(action);
  const forced: Direction = side === null ? null : side === "long" ? -1 : 1;
  const forward = returnBps(path.entry, path.exit);
  const up = returnBps(path.entry, path.high);
  const down = returnBps(path.entry, path.low);
  const net = (towards: Direction) => netBps(towards, forward, path);
  const matched = matchedTrade(decision, horizon, path);
  return {
    forward_return_bps: forward,
    // Subtracted, because a negated 0 is not the 0 that a store reads back.
    best_excursion_bps: direction === -1 ? 0 - down : up,
    worst_excursion_bps: direction === -1 ? 0 - up : down,
    ...path.cost,
    funding_bps: path.fundingBps,
    net_return_bps: net(direction),
    rule_net_return_bps: net(directionOf(rule_action)),
    fade_net_return_bps: net(forced === null ? null : forced === 1 ? -1 : 1),
    follow_net_return_bps: net(forced),
    ...randomBaseline(direction, path, matched === null ? null : randomReturns(matched, hours)),
  };
}

function randomBaseline(
  direction: Direction,
  path: MarkPath,
  returns: readonly number[] | null,
): Pick<Grade, "random_net_return_bps" | "random_hit_rate" | "random_draws"> {
  const nets = (returns ?? []).map((one) => netBps(direction, one, path)).filter((net) => net !== null);
  const draws = returns === null ? null : returns.length;
  if (nets.length < MIN_DRAWS) return { random_net_return_bps: null, random_hit_rate: null, random_draws: draws };
  return {
    random_net_return_bps: nets.reduce((sum, net) => sum + net, 0) / nets.length,
    random_hit_rate: nets.filter((net) => net > 0).length / nets.length,
    random_draws: draws,
  };
}

function directionOf(action: Action): Direction {
  return action === "BUY" ? 1 : action === "SELL" ? -1 : null;
}

function netBps(direction: Direction, bps: number, { cost, fundingBps }: MarkPath): number | null {
  if (direction === null || cost.cost_bps === null || fundingBps === null) return null;
  return direction * (bps - fundingBps) - cost.cost_bps;
}

function returnBps(from: number, to: number): number {
  return 1e4 * (to / from - 1);
}

/** The fields of a grade that are null until it is given. A field of `Grade` is also null where it cannot be computed. */
export interface GivenGrade extends Nullable<Grade> {
  /** `GRADE_VERSION` of the code that computed it. */
  readonly version: number | null;
  readonly graded_time: number | null;
  /** Why there is no path and so no figure, or which part of the cost is unknown and so every net return; null without either. */
  readonly problem: string | null;
  /** The venue whose marks the path is made of, and the number of its mark prices in the minute of the entry. */
  readonly exchange: ExchangeName | null;
  readonly samples: number | null;
  readonly entry_time: number | null;
  readonly entry_price: number | null;
  readonly exit_time: number | null;
  readonly exit_price: number | null;
}

type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };

/** A stored grade: `GivenGrade`, and its place in the chain of grades, which a pending one does not have yet. */
export interface GradeRow extends GivenGrade {
  readonly signal_id: string;
  readonly horizon: Horizon;
  readonly due_time: number;
  /** Hash of the decision's record. */
  readonly signal_hash: string | null;
  readonly sequence: number | null;
  readonly previous_hash: string | null;
  readonly hash: string | null;
}

const UNKNOWN: Nullable<Grade> = {
  forward_return_bps: null,
  best_excursion_bps: null,
  worst_excursion_bps: null,
  fee_bps: null,
  spread_bps: null,
  impact_10k_bps: null,
  impact_100k_bps: null,
  impact_1m_bps: null,
  cost_bps: null,
  funding_bps: null,
  net_return_bps: null,
  rule_net_return_bps: null,
  fade_net_return_bps: null,
  follow_net_return_bps: null,
  random_net_return_bps: null,
  random_hit_rate: null,
  random_draws: null,
};

/** A stored grade, with its figures or the reason why it has none. */
export function givenGrade(path: MarkPath | PathProblem, grade: Grade | null, gradedTime: number): GivenGrade {
  const known = typeof path === "string" ? null : path;
  return {
    version: GRADE_VERSION,
    graded_time: gradedTime,
    problem: typeof path === "string" ? path : costProblem(path),
    exchange: known?.exchange ?? null,
    samples: known?.samples ?? null,
    entry_time: known?.entryTime ?? null,
    entry_price: known?.entry ?? null,
    exit_time: known?.exitTime ?? null,
    exit_price: known?.exit ?? null,
    ...(grade ?? UNKNOWN),
  };
}

/** The fields of a `GivenGrade`: columns that are null until the grade is given. */
export const GIVEN_COLUMNS = [
  "version",
  "graded_time",
  "problem",
  "exchange",
  "samples",
  "entry_time",
  "entry_price",
  "exit_time",
  "exit_price",
  "forward_return_bps",
  "best_excursion_bps",
  "worst_excursion_bps",
  "fee_bps",
  "spread_bps",
  "impact_10k_bps",
  "impact_100k_bps",
  "impact_1m_bps",
  "cost_bps",
  "funding_bps",
  "net_return_bps",
  "rule_net_return_bps",
  "fade_net_return_bps",
  "follow_net_return_bps",
  "random_net_return_bps",
  "random_hit_rate",
  "random_draws",
] as const satisfies readonly (keyof GivenGrade)[];
