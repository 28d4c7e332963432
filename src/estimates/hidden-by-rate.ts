import type { SizeDistribution } from "./size-distribution.ts";
import type { ShownSeconds } from "./throttle.ts";

/** Mean life of the memory with which the complete venues' rate is measured, seconds. */
const LIFE_S = 3;
/** How many own seconds the rate of the complete venues counts for. */
const TRUST = 3;
const ROUNDS = 6;
const MAX_RATE = 30;
const MIN_RATE = 1e-4;
const MINUTE_S = 60;
/** Above this share of seconds that show one, the share no longer tells the rate. */
const UNSATURATED = 0.25;

/**
 * What a venue hides that shows any one of each second: its rate is ρ times that of the complete venues in the same seconds, updated
 * by how many of its own seconds around show one. E[N − 1 | N > 0] = λ/(1 − e^−λ) − 1, each worth the mean size.
 * @param complete seconds of the liquidations of complete venues in the same base asset, ascending, one for each
 */
export function hiddenByRate(
  { seconds }: Pick<ShownSeconds, "seconds">,
  complete: readonly number[],
  { sizes, rho, scale }: { readonly sizes: SizeDistribution; readonly rho: number; readonly scale: number },
): { readonly usd: Float64Array; readonly events: Float64Array } {
  const factor = Math.exp(-1 / LIFE_S);
  const mass = (1 + factor) / (1 - factor);
  const others = decayed(seconds, complete, factor).map((sum) => sum / mass);
  const own = decayed(seconds, seconds, factor);
  const events = others.map((rate, at) => {
    const prior = Math.max(rho * rate, MIN_RATE);
    const shown = (own[at] ?? 0) - 1;
    let lambda = prior;
    for (let round = 0; round < ROUNDS; round += 1) {
      const expected = (mass - 1) * -Math.expm1(-lambda);
      lambda = Math.min(MAX_RATE, Math.max(MIN_RATE, (lambda * (TRUST + shown)) / ((TRUST * lambda) / prior + expected)));
    }
    return lambda / -Math.expm1(-lambda) - 1;
  });
  return { events, usd: events.map((count) => count * sizes.mean * scale) };
}

/** The number of `points` around each second, weighted by their distance on both sides. */
function decayed(seconds: readonly number[], points: readonly number[], factor: number): Float64Array {
  const sums = new Float64Array(seconds.length);
  let [state, at, place] = [0, Number.NEGATIVE_INFINITY, 0];
  for (const [index, second] of seconds.entries()) {
    for (; place < points.length && (points[place] ?? 0) <= second; place += 1) {
      const point = points[place] ?? 0;
      state = state * factor ** (point - at) + 1;
      at = point;
    }
    sums[index] = at === Number.NEGATIVE_INFINITY ? 0 : state * factor ** (second - at);
  }
  [state, at, place] = [0, Number.POSITIVE_INFINITY, points.length - 1];
  for (let index = seconds.length - 1; index >= 0; index -= 1) {
    const second = seconds[index] ?? 0;
    for (; place >= 0 && (points[place] ?? 0) > second; place -= 1) {
      const point = points[place] ?? 0;
      state = state * factor ** (at - point) + 1;
      at = point;
    }
    if (at !== Number.POSITIVE_INFINITY) sums[index] = (sums[index] ?? 0) + state * factor ** (at - second);
  }
  return sums;
}

/** The shown seconds of a contract, and the seconds of the complete venues' liquidations in its base asset. */
export interface RatePair {
  readonly seconds: readonly number[];
  readonly complete: readonly number[];
}

/** ρ, the rate of a throttled venue for each of the complete venues', from minutes in which few of its seconds show one; null without any. */
export function rateShare(pairs: readonly RatePair[]): number | null {
  let [own, others] = [0, 0];
  for (const { seconds, complete } of pairs) {
    const shown = perMinute(seconds);
    const all = perMinute(complete);
    for (const minute of new Set([...shown.keys(), ...all.keys()])) {
      const share = (shown.get(minute) ?? 0) / MINUTE_S;
      if (share >= UNSATURATED) continue;
      own += -Math.log1p(-share) * MINUTE_S;
      others += all.get(minute) ?? 0;
    }
  }
  return own > 0 && others > 0 ? own / others : null;
}

function perMinute(seconds: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const second of seconds) {
    const minute = Math.floor(second / MINUTE_S);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }
  return counts;
}
