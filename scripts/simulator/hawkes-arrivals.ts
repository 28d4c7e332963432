import type { Random } from "./random.ts";

export interface HawkesParameters {
  /** Long-run events per second. */
  readonly rate: number;
  /** Children per event, below 1: the share of events that other events brought about. */
  readonly branching: number;
  /** Mean time from an event to its child, seconds. */
  readonly decaySeconds: number;
}

/**
 * Arrival times of a self-exciting process with an exponential kernel, by Ogata's thinning (Ogata 1981): between
 * events the intensity only falls, so its present value bounds it until the next candidate.
 */
export class HawkesArrivals {
  readonly #random: Random;
  readonly #base: number;
  readonly #jump: number;
  readonly #decay: number;
  #time: number;
  #excitation: number;
  #candidate: number;

  /** @param startSeconds the process starts here at its long-run rate, not from rest */
  constructor(parameters: HawkesParameters, random: Random, startSeconds: number) {
    const { rate, branching, decaySeconds } = parameters;
    if (!(rate >= 0) || !(branching >= 0 && branching < 1) || !(decaySeconds > 0)) {
      throw new RangeError("a Hawkes process needs rate >= 0, 0 <= branching < 1 and decaySeconds > 0");
    }
    this.#random = random;
    this.#base = rate * (1 - branching);
    this.#decay = 1 / decaySeconds;
    this.#jump = branching * this.#decay;
    this.#time = startSeconds;
    this.#excitation = rate * branching;
    this.#candidate = this.#nextCandidate();
  }

  /** All arrivals after the last call's end and up to `endSeconds`, in order. */
  until(endSeconds: number): number[] {
    const arrivals: number[] = [];
    while (this.#candidate <= endSeconds) {
      const bound = this.#base + this.#excitation;
      this.#excitation *= Math.exp(-this.#decay * (this.#candidate - this.#time));
      this.#time = this.#candidate;
      if (this.#random.uniform() * bound < this.#base + this.#excitation) {
        arrivals.push(this.#time);
        this.#excitation += this.#jump;
      }
      this.#candidate = this.#nextCandidate();
    }
    return arrivals;
  }

  #nextCandidate(): number {
    const bound = this.#base + this.#excitation;
    return bound > 0 ? this.#time + this.#random.exponential(bound) : Number.POSITIVE_INFINITY;
  }
}
