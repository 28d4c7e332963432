import type { PiecewiseEvents } from "./base-pieces.ts";

/** The log-likelihood at a decay and a branching ratio n, with the best base rate of each piece. */
export interface Profile {
  readonly branchingRatio: number;
  /** Log-likelihood. */
  readonly value: number;
  /** Its slope in n. */
  readonly slope: number;
  /** Its negated curvature in n, with the bases following their best values. */
  readonly curvature: number;
}

const MAX_STEPS = 60;
const RATIO_TOLERANCE = 1e-6;
const BASE_TOLERANCE = 1e-9;
/** A cascade with more children than this from each event would never have ended within the day. */
const MAX_RATIO = 2;
/** 1 − e^−40 equals 1 in 53 bits. */
const NEGLIGIBLE = 40;

/**
 * The log-likelihood of an exponential Hawkes process with a base rate that is constant within each piece of time:
 * λ(t) = base(piece) + n · g(t), where g(t) = decay · Σ e^(−decay (t − tᵢ)) over the events before t (Hawkes 1971, Biometrika
 * 58), by the recursion of Ozaki 1979, Ann. Inst. Statist. Math. 31. Events of the same moment do not excite each other.
 *
 * For a given n each base is the root of Σ 1/λ(tᵢ) = covered time of its piece, or 0 where excitation alone explains more
 * events than there were; what is left is concave in n.
 */
export class ProfileLikelihood {
  readonly #events: PiecewiseEvents;
  readonly #gains: Float64Array;
  readonly #bases: Float64Array;
  #mass = 0;

  constructor(events: PiecewiseEvents) {
    this.#events = events;
    this.#gains = new Float64Array(events.times.length);
    this.#bases = new Float64Array(events.seconds.length);
  }

  /** The best branching ratio at a decay, per second. */
  best(decay: number): Profile {
    this.#fillGains(decay);
    let [low, high] = [0, MAX_RATIO];
    let profile = this.#at(0);
    for (let step = 0; step < MAX_STEPS && high - low > RATIO_TOLERANCE; step += 1) {
      const { branchingRatio, slope, curvature } = profile;
      if (branchingRatio === 0 && slope <= 0) break;
      if (slope > 0) low = branchingRatio;
      else high = branchingRatio;
      const next = branchingRatio + slope / curvature;
      profile = this.#at(next > low && next < high ? next : (low + high) / 2);
      if (Math.abs(profile.branchingRatio - branchingRatio) < RATIO_TOLERANCE) break;
    }
    return profile;
  }

  /** The profile at a decay and a ratio. */
  at(decay: number, branchingRatio: number): Profile {
    this.#fillGains(decay);
    return this.#at(branchingRatio);
  }

  #at(branchingRatio: number): Profile {
    const { firsts, seconds } = this.#events;
    let value = -branchingRatio * this.#mass;
    let [slope, curvature] = [-this.#mass, 0];
    for (let piece = 0; piece < seconds.length; piece += 1) {
      const [from, to, length] = [firsts[piece] ?? 0, firsts[piece + 1] ?? 0, seconds[piece] ?? 0];
      if (from === to) continue;
      const base = this.#baseOf(piece, branchingRatio);
      let [own, cross, excited] = [0, 0, 0];
      for (let index = from; index < to; index += 1) {
        const gain = this.#gains[index] ?? 0;
        const share = 1 / (base + branchingRatio * gain);
        value -= Math.log(share);
        slope += gain * share;
        own += share * share;
        cross += gain * share * share;
        excited += gain * gain * share * share;
      }
      value -= base * length;
      curvature += base > 0 ? excited - (cross * cross) / own : excited;
    }
    return { branchingRatio, value, slope, curvature };
  }

  /** The best base rate of a piece with events, by Newton's method within bounds. */
  #baseOf(piece: number, branchingRatio: number): number {
    const { firsts, seconds } = this.#events;
    const [from, to, length] = [firsts[piece] ?? 0, firsts[piece + 1] ?? 0, seconds[piece] ?? 0];
    if (length <= 0) return 1;
    let [low, high] = [0, (to - from) / length];
    let base = Math.min(high, this.#bases[piece] ?? 0) || high;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      let [sum, squares] = [0, 0];
      for (let index = from; index < to; index += 1) {
        const share = 1 / (base + branchingRatio * (this.#gains[index] ?? 0));
        sum += share;
        squares += share * share;
      }
      if (sum > length) low = base;
      else high = base;
      const next = base + (sum - length) / squares;
      const before = base;
      base = next > low && next < high ? next : (low + high) / 2;
      if (Math.abs(base - before) < BASE_TOLERANCE + 1e-6 * before || high < BASE_TOLERANCE) break;
    }
    this.#bases[piece] = base;
    return base;
  }

  /** Computes g at each event, and the expected children of all events for n = 1 within the covered time. */
  #fillGains(decay: number): void {
    const { times, uncovered, end } = this.#events;
    const gaps = [...uncovered, { from: end, to: Infinity }];
    let [excitement, previous, together, gap] = [0, 0, 0, 0];
    const moveTo = (time: number): void => {
      excitement = (excitement + together) * Math.exp(-decay * (time - previous));
      [previous, together] = [time, 0];
    };
    this.#mass = times.length;
    for (let index = 0; index <= times.length; index += 1) {
      const time = times[index] ?? Infinity;
      for (let next = gaps[gap]; next !== undefined && next.from < time; next = gaps[++gap]) {
        moveTo(next.from);
        const wait = decay * (next.to - next.from);
        this.#mass -= excitement * (wait > NEGLIGIBLE ? 1 : 1 - Math.exp(-wait));
      }
      if (index === times.length) return;
      if (time > previous) moveTo(time);
      together += 1;
      this.#gains[index] = decay * excitement;
    }
  }
}
