/** Intensity λ(t) = base + Σ jump · e^(−decay (t − tᵢ)); all per second. */
export interface HawkesParameters {
  readonly base: number;
  readonly jump: number;
  readonly decay: number;
}

export type Vector3 = readonly [number, number, number];
/** The elements of a symmetric matrix: xx, xy, xz, yy, yz, zz. */
export type Symmetric3 = readonly [number, number, number, number, number, number];

export interface LikelihoodAt {
  readonly value: number;
  /** In the order base, jump, decay. */
  readonly gradient: Vector3;
  readonly hessian: Symmetric3;
}

/**
 * Log-likelihood of a Hawkes process (Hawkes 1971, Biometrika 58) with an exponential kernel, and its first and second
 * derivatives, in one pass with the recursion of Ozaki 1979, Ann. Inst. Statist. Math. 31: A(i) = Σ_{j<i} e^(−decay (tᵢ
 * − tⱼ)) = e^(−decay (tᵢ − tᵢ₋₁)) (1 + A(i−1)), and likewise B and C for its derivatives by decay. Events of the same
 * moment do not excite each other. The process starts empty at 0.
 *
 * @param times seconds since the start, ascending
 * @param end seconds since the start
 */
export function hawkesLikelihood(times: Float64Array, end: number, { base, jump, decay }: HawkesParameters): LikelihoodAt {
  let [value, gBase, gJump, gDecay] = [-base * end, -end, 0, 0];
  let [bb, bj, bd, jj, jd, dd] = [0, 0, 0, 0, 0, 0];
  let [a, b, c] = [0, 0, 0];
  let [mass, massSlope, massCurve] = [0, 0, 0];
  let [previous, together] = [0, 0];
  for (const time of times) {
    if (time > previous) {
      const wait = time - previous;
      const fade = Math.exp(-decay * wait);
      const lit = a + together;
      c = fade * (c + 2 * wait * b + wait * wait * lit);
      b = fade * (b + wait * lit);
      a = fade * lit;
      [previous, together] = [time, 0];
    }
    together += 1;
    const intensity = base + jump * a;
    const [da, db] = [a / intensity, (jump * b) / intensity];
    value += Math.log(intensity);
    gBase += 1 / intensity;
    gJump += da;
    gDecay -= db;
    bb -= 1 / (intensity * intensity);
    bj -= da / intensity;
    bd += db / intensity;
    jj -= da * da;
    jd += da * db - b / intensity;
    dd += (jump * c) / intensity - db * db;
    const left = end - time;
    const rest = Math.exp(-decay * left);
    mass += 1 - rest;
    massSlope += left * rest;
    massCurve += left * left * rest;
  }
  const ratio = jump / decay;
  value -= ratio * mass;
  gJump -= mass / decay;
  gDecay += (ratio * mass) / decay - ratio * massSlope;
  jd += mass / (decay * decay) - massSlope / decay;
  dd += -(2 * ratio * mass) / (decay * decay) + (2 * ratio * massSlope) / decay + ratio * massCurve;
  return { value, gradient: [gBase, gJump, gDecay], hessian: [bb, bj, bd, jj, jd, dd] };
}
