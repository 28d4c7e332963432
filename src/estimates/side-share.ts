import type { ShownSeconds } from "./throttle.ts";

/** Mean life of the memory with which the sides of hidden liquidations are separated, seconds. */
const LIFE_S = 10;

/**
 * The share of longs among what is hidden behind each shown second: that of the shown ones around it and of itself. Where a venue
 * shows one of both sides, nothing else tells.
 */
export function longShares({ seconds, sides }: Pick<ShownSeconds, "seconds" | "sides">): Float64Array {
  const longs = new Float64Array(seconds.length);
  const all = new Float64Array(seconds.length);
  for (const isBackward of [false, true]) {
    let [long, any, before] = [0, 0, 0];
    for (let step = 0; step < seconds.length; step += 1) {
      const at = isBackward ? seconds.length - 1 - step : step;
      const second = seconds[at] ?? 0;
      const left = step === 0 ? 0 : Math.exp(-Math.abs(second - before) / LIFE_S);
      [long, any, before] = [long * left, any * left, second];
      longs[at] = (longs[at] ?? 0) + long;
      all[at] = (all[at] ?? 0) + any;
      long += sides[at] === "long" ? 1 : 0;
      any += 1;
    }
  }
  return longs.map((long, at) => (long + (sides[at] === "long" ? 1 : 0)) / ((all[at] ?? 0) + 1));
}
