/** Intensity λ(t) = base + Σ jump · e^(−decay (t − tᵢ)); all per second. */
export interface HawkesParameters {
  readonly base: number;
  readonly jump: number;
  readonly decay: number;
}

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Event times in seconds of an exponential Hawkes process over [0, end], by thinning (Ogata 1981, IEEE Trans. Inf.
 * Theory 27): candidates at the present intensity, which can only fall until the next event, each kept with the share
 * of it that is left.
 */
export function simulateHawkes({ base, jump, decay }: HawkesParameters, end: number, random: () => number): number[] {
  const times: number[] = [];
  let time = 0;
  let excitement = 0;
  for (;;) {
    const ceiling = base + excitement;
    const wait = -Math.log(1 - random()) / ceiling;
    time += wait;
    if (time > end) return times;
    excitement *= Math.exp(-decay * wait);
    if (random() * ceiling > base + excitement) continue;
    times.push(time);
    excitement += jump;
  }
}
