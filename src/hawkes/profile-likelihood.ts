export interface Profile {
  readonly branchingRatio: number;
  /** Log-likelihood. */
  readonly value: number;
}

const MAX_STEPS = 60;
const RATIO_TOLERANCE = 1e-7;
/** 1 − e^−40 equals 1 in 53 bits. */
const NEGLIGIBLE = 40;

/**
 * The best log-likelihood of an exponential Hawkes process with a given decay, and its branching ratio n.
 *
 * At the best base for n, the expected number of events equals the observed one (scaling the intensity by c changes the
 * log-likelihood by N log c − (c − 1) Λ, which is largest at c = 1 only if Λ = N), so base = (N − n·M) / end with M = Σ
 * (1 − e^(−decay (end − tᵢ))). The remaining function is concave in n alone and is maximized by Newton's method between
 * two bounds. The excitation before each event follows the recursion of Ozaki 1979, as in `likelihood.ts`.
 *
 * @param times seconds since the start, ascending
 * @param end seconds since the start
 * @param gains scratch space, as long as `times`
 */
export function profileLikelihood(times: Float64Array, end: number, decay: number, gains: Float64Array): Profile {
  const rate = times.length / end;
  const mass = fillGains(times, end, decay, gains);
  let [low, high] = [0, times.length / mass];
  let branchingRatio = 0;
  for (let step = 0; step < MAX_STEPS && high - low > RATIO_TOLERANCE; step += 1) {
    const { slope, curvature } = slopeAt(gains, rate, branchingRatio);
    if (branchingRatio === 0 && slope <= 0) break;
    if (slope > 0) low = branchingRatio;
    else high = branchingRatio;
    const next = branchingRatio + slope / curvature;
    const previous = branchingRatio;
    branchingRatio = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(branchingRatio - previous) < RATIO_TOLERANCE) break;
  }
  return { branchingRatio, value: valueAt(gains, rate, branchingRatio) };
}

/** Computes the growth of each event's intensity with n, and returns M. */
function fillGains(times: Float64Array, end: number, decay: number, gains: Float64Array): number {
  let [excitement, previous, together, mass] = [0, 0, 0, 0];
  for (let index = 0; index < times.length; index += 1) {
    const time = times[index] ?? 0;
    if (time > previous) {
      excitement = (excitement + together) * Math.exp(-decay * (time - previous));
      together = 0;
      previous = time;
    }
    together += 1;
    gains[index] = decay * excitement;
    const rest = decay * (end - time);
    mass += rest > NEGLIGIBLE ? 1 : 1 - Math.exp(-rest);
  }
  for (let index = 0; index < times.length; index += 1) gains[index] = (gains[index] ?? 0) - mass / end;
  return mass;
}

/** Slope of the log-likelihood in n, and its negated curvature. */
function slopeAt(gains: Float64Array, rate: number, branchingRatio: number): { slope: number; curvature: number } {
  let [slope, curvature] = [0, 0];
  for (let index = 0; index < gains.length; index += 1) {
    const gain = gains[index] ?? 0;
    const share = gain / (rate + branchingRatio * gain);
    slope += share;
    curvature += share * share;
  }
  return { slope, curvature };
}

function valueAt(gains: Float64Array, rate: number, branchingRatio: number): number {
  let value = -gains.length;
  for (let index = 0; index < gains.length; index += 1) value += Math.log(rate + branchingRatio * (gains[index] ?? 0));
  return value;
}
