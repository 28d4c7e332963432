import { type FlowShape, type MarkPush, flowShape, markPush, pushDirection } from "./forced-flow.ts";
import { type SignalInput, comparedWindow, dominantSide } from "./signal-input.ts";
import type { WindowStatistics } from "../windows/window-statistics.ts";

/** Raise it with every change below: weights fit the features that they were trained on and no others. */
export const FEATURES_VERSION = 1;

/** USD that is added to both sides of a ratio, so that a ratio of small sums says little. */
const SMALL_USD = 1_000;
/** A percentile above this is no better known than it. */
const HIGHEST_PERCENTILE = 0.999;

/** What the features of an input are computed from. "Forced" is the direction in which the dominant side's closing orders push. */
interface Seen {
  readonly input: SignalInput;
  /** The dominant side in the compared window, and its share of the USD. */
  readonly own: WindowStatistics;
  readonly share: number;
  readonly flow: FlowShape;
  readonly push: MarkPush | null;
  /** 1 where forced is up. */
  readonly towards: 1 | -1;
  /** Standard deviation of a one-minute return before the flush, bps. */
  readonly sigma: number | null;
}

export interface RuleFeature {
  readonly name: string;
  /** What it is, with its unit; a null is replaced by the median of the training data. */
  readonly meaning: string;
  readonly of: (seen: Seen) => number | null;
}

/** The features of the trained rule model. Each is known at the decision, live and in a replay. */
export const RULE_FEATURES = [
  {
    name: "side_share",
    meaning: "dominant side's share of the USD of the compared window, 0.5 to 1",
    of: ({ share }) => share,
  },
  {
    name: "rise_log",
    meaning: "ln of its USD by that of the window before, 1,000 USD added to both; null where the window before is unknown",
    of: ({ own }) => (own.usd === null || own.previous_usd === null ? null : logRatio(own.usd, own.previous_usd)),
  },
  {
    name: "rank_log",
    meaning: "−ln(1 − percentile) of its USD, at most 6.9; null with less than 24 h of history",
    of: ({ own }) => (own.percentile === null ? null : -Math.log(1 - Math.min(HIGHEST_PERCENTILE, own.percentile))),
  },
  {
    name: "largest_share",
    meaning: "its largest liquidation's share of its USD, 0 to 1",
    of: ({ own }) => (own.usd === null || own.max_usd === null || own.usd === 0 ? null : own.max_usd / own.usd),
  },
  {
    name: "venues_active",
    meaning: "number of venues with a liquidation of the side",
    of: ({ own }) => own.exchanges_active,
  },
  {
    name: "flow_recent_share",
    meaning: "its USD of the last 3 minutes as a share of the most in any 3 of the last 15, 0 to 1",
    of: ({ flow }) => (flow.peak === 0 ? null : flow.recent / flow.peak),
  },
  {
    name: "flow_turn_log",
    meaning: "ln of its USD of the last 3 minutes by that of the 3 before, 1,000 USD added to both",
    of: ({ flow }) => logRatio(flow.recent, flow.before),
  },
  {
    name: "push_sigma",
    meaning: "largest move of the mark price in the forced direction within 15 minutes, in σ√15 min",
    of: ({ push, sigma }) => sigmas(push?.bps ?? null, sigma, 15),
  },
  {
    name: "retrace_share",
    meaning: "share of that move that has recovered, at most 1; 0 where it did not move",
    of: ({ push }) => (push === null ? null : Math.min(1, push.returnedShare)),
  },
  {
    name: "extreme_age",
    meaning: "minutes since the extreme of that move, 0 to 14",
    of: ({ push }) => push?.extremeAge ?? null,
  },
  {
    name: "return_5m_sigma",
    meaning: "return of 5 min in the forced direction, in σ√5 min",
    of: ({ input, towards, sigma }) => sigmas(times(towards, input.market.return_5m_bps), sigma, 5),
  },
  {
    name: "return_1h_sigma",
    meaning: "return of 1 h in the forced direction, in σ√60 min",
    of: ({ input, towards, sigma }) => sigmas(times(towards, input.market.return_1h_bps), sigma, 60),
  },
  {
    name: "return_24h_sigma",
    meaning: "return of 24 h in the forced direction, in σ√1,440 min",
    of: ({ input, towards, sigma }) => sigmas(times(towards, input.market.return_24h_bps), sigma, 1_440),
  },
  {
    name: "volatility_log",
    meaning: "ln of the volatility of 5 min at the latest liquidation by σ√5 min",
    of: ({ input, sigma }) => {
      const now = input.market.volatility_5m;
      return now === null || now <= 0 || sigma === null ? null : Math.log((1e4 * now) / (sigma * Math.sqrt(5)));
    },
  },
  {
    name: "funding_paid_bps",
    meaning: "funding rate that the dominant side pays per interval, bps; negative where it receives it",
    of: ({ input, towards }) => times(-1e4 * towards, input.market.funding_rate),
  },
  {
    name: "book_towards",
    meaning: "imbalance of the order book, −1 to 1, positive where it leans in the forced direction",
    of: ({ input, towards }) => times(towards, input.market.imbalance_ratio),
  },
] as const satisfies readonly RuleFeature[];

/**
 * The features of an input, in their order, null where unknown.
 * @returns null where no side dominates: there is no flow to fade
 */
export function ruleFeatures(input: SignalInput): readonly (number | null)[] | null {
  const dominant = dominantSide(input);
  if (dominant === null) return null;
  const { side, share } = dominant;
  const seen: Seen = {
    input,
    own: comparedWindow(input).sides[side],
    share,
    flow: flowShape(input.flow, side),
    push: markPush(input.flow, side),
    towards: pushDirection(side),
    sigma: input.market.sigma_before_bps,
  };
  return RULE_FEATURES.map(({ of }) => {
    const value = of(seen);
    return value === null || !Number.isFinite(value) ? null : value;
  });
}

function logRatio(now: number, before: number): number {
  return Math.log((now + SMALL_USD) / (before + SMALL_USD));
}

function sigmas(bps: number | null, sigma: number | null, minutes: number): number | null {
  return bps === null || sigma === null ? null : bps / (sigma * Math.sqrt(minutes));
}

function times(factor: number, value: number | null): number | null {
  return value === null ? null : factor * value;
}
