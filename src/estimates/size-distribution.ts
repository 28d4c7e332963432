/**
 * The distribution F of the sizes of single liquidations, flow USD, with its partial mean H₁(m) = ∫₀^m x dF: both at knots, between
 * which they are linear in log x. Taken from complete venues as they are, since no formula fits both the body and the tail.
 */
export interface SizeDistribution {
  readonly x: readonly number[];
  readonly f: readonly number[];
  readonly h1: readonly number[];
  readonly mean: number;
}

const KNOTS = 200;

/** Knots are the closer to each other the nearer to the largest, which most of the USD is in. */
export function sizeDistribution(sizes: readonly number[]): SizeDistribution {
  const sorted = Float64Array.from(sizes).toSorted();
  const n = sorted.length;
  const sums = new Float64Array(n + 1);
  for (let index = 0; index < n; index += 1) sums[index + 1] = (sums[index] ?? 0) + (sorted[index] ?? 0);
  const [x, f, h1]: [number[], number[], number[]] = [[], [], []];
  for (let knot = 0; knot <= KNOTS; knot += 1) {
    const index = Math.min(n - 1, Math.round((1 - (1 - knot / KNOTS) ** 3) * (n - 1)));
    const value = sorted[index] ?? 0;
    if (value === x.at(-1)) {
      x.pop();
      f.pop();
      h1.pop();
    }
    x.push(value);
    // Half of the size itself, so that F is in (0, 1).
    f.push((index + 0.5) / n);
    h1.push(((sums[index] ?? 0) + value / 2) / n);
  }
  return { x, f, h1, mean: (sums[n] ?? 0) / n };
}

const MIN_F = 1e-6;

/** F(m) and H₁(m) of sizes `scale` times as large. */
export function sizesBelow({ x, f, h1 }: SizeDistribution, m: number, scale: number): { readonly f: number; readonly h1: number } {
  const value = m / scale;
  let [low, high] = [0, x.length - 1];
  if (value <= at(x, 0)) {
    const share = Math.max(0, value / at(x, 0));
    return { f: Math.max(MIN_F, share * at(f, 0)), h1: share * share * at(h1, 0) * scale };
  }
  if (value >= at(x, high)) return { f: Math.min(1 - MIN_F, at(f, high)), h1: at(h1, high) * scale };
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(x, middle) <= value) low = middle;
    else high = middle;
  }
  const part = Math.log(value / at(x, low)) / Math.log(at(x, high) / at(x, low));
  const between = (list: readonly number[]): number => at(list, low) + part * (at(list, high) - at(list, low));
  return { f: Math.min(1 - MIN_F, Math.max(MIN_F, between(f))), h1: between(h1) * scale };
}

/** Nothing else of its stream may be shown this near, seconds. */
const ISOLATED_S = 5;

/**
 * The sizes of seconds with no other within 5 s: these are most probably single liquidations, whose sizes compare two venues whether
 * or not they are throttled.
 */
export function isolatedSizes({
  seconds,
  usd,
}: {
  readonly seconds: readonly number[];
  readonly usd: readonly number[];
}): readonly number[] {
  return usd.filter((_, index) => {
    const second = seconds[index] ?? 0;
    const [before, after] = [seconds[index - 1], seconds[index + 1]];
    return (before === undefined || second - before > ISOLATED_S) && (after === undefined || after - second > ISOLATED_S);
  });
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}

function at(list: readonly number[], index: number): number {
  return list[index] ?? 0;
}
