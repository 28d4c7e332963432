import { type SignalInput, dominantSide } from "./signal-input.ts";

/**
 * What a spike looks like, in numbers without units and with the forced flow always in the same direction, so that spikes
 * of all base assets and both sides compare. Null where unknown.
 */
export interface SpikeShape {
  /** log₂ of the dominant side's USD in multiples of its median. */
  readonly size: number | null;
  /** Share of the dominant side in the USD of both. */
  readonly dominance: number;
  /** log₂ of 1 + the largest move with the flow, in standard deviations of before. */
  readonly push: number | null;
  /** Share of that move which has been recovered, at most 1. */
  readonly retrace: number | null;
  /** Share of the side's USD of the last 15 minutes that fell in the last 3. */
  readonly recency: number | null;
  /** Share of the base assets that are busy on the same side. */
  readonly breadth: number;
  /** Return over 1 h in the direction of the flow, in standard deviations of before. */
  readonly trend: number | null;
}

/** The difference of each number that counts as one step. */
const STEPS: Readonly<Record<keyof SpikeShape, number>> = {
  size: 1,
  dominance: 0.15,
  push: 1,
  retrace: 0.3,
  recency: 0.3,
  breadth: 0.3,
  trend: 2,
};
const NAMES = Object.keys(STEPS) as readonly (keyof SpikeShape)[];
/** Spikes with fewer numbers known of both are not compared. */
const MIN_COMPARED = 4;
const RECENT_MINUTES = 3;
const MINUTES_PER_HOUR = 60;

type ShapeInput = Pick<SignalInput, "window" | "windows" | "flow" | "market" | "size" | "path" | "breadth">;

/** The shape of a spike; null where neither side dominates, so that there is no forced flow to trade against. */
export function shapeOf(input: ShapeInput): SpikeShape | null {
  const dominant = dominantSide(input);
  if (dominant === null) return null;
  const { flow, market, size, path, breadth } = input;
  const { multiple } = size[dominant.side];
  const { return_1h_bps: hour, sigma_before_bps: sigma } = market;
  const usd = flow.map((minute) => (dominant.side === "long" ? minute.long_usd : minute.short_usd));
  const all = sum(usd);
  return {
    size: multiple === null || multiple <= 0 ? null : Math.log2(multiple),
    dominance: dominant.share,
    push: path.push_sigma === null ? null : Math.log2(1 + path.push_sigma),
    retrace: path.retrace_share === null ? null : Math.min(1, path.retrace_share),
    recency: all === 0 ? null : sum(usd.slice(-RECENT_MINUTES)) / all,
    breadth: breadth.symbols === 0 ? 0 : breadth.high_same_side / breadth.symbols,
    trend: hour === null || sigma === null ? null : ((dominant.side === "long" ? -1 : 1) * hour) / (sigma * Math.sqrt(MINUTES_PER_HOUR)),
  };
}

/**
 * How far two shapes are apart: the root mean square of the differences, each in its own step, over the numbers known of
 * both. Null where fewer than four are.
 */
export function shapeDistance(a: SpikeShape, b: SpikeShape): number | null {
  const squares = NAMES.flatMap((name) => {
    const [left, right] = [a[name], b[name]];
    return left === null || right === null ? [] : [((left - right) / STEPS[name]) ** 2];
  });
  return squares.length < MIN_COMPARED ? null : Math.sqrt(sum(squares) / squares.length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
