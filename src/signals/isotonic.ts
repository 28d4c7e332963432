/** A range of inputs with the same fitted value. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly sum: number;
  readonly weight: number;
}

/** A fit that never falls: at these inputs these values, linear between them. */
export type IsotonicFit = readonly { readonly x: number; readonly y: number }[];

/**
 * The non-decreasing function closest to the points in least squares, by pooling adjacent violators.
 * @see Barlow, Bartholomew, Bremner & Brunk 1972, Statistical Inference under Order Restrictions
 */
export function isotonicFit(points: readonly { readonly x: number; readonly y: number }[]): IsotonicFit {
  const blocks: Block[] = [];
  for (const { x, y } of points.toSorted((a, b) => a.x - b.x)) {
    const last = blocks.at(-1);
    // Points with the same input become one point with their mean.
    if (last?.to === x && last.from === x) blocks.pop();
    blocks.push(
      last?.to === x && last.from === x ? { ...last, sum: last.sum + y, weight: last.weight + 1 } : { from: x, to: x, sum: y, weight: 1 },
    );
  }
  const pooled: Block[] = [];
  for (const block of blocks) {
    let grown = block;
    for (let left = pooled.at(-1); left !== undefined && mean(left) >= mean(grown); left = pooled.at(-1)) {
      pooled.pop();
      grown = { from: left.from, to: grown.to, sum: left.sum + grown.sum, weight: left.weight + grown.weight };
    }
    pooled.push(grown);
  }
  return pooled.flatMap((block) => [...new Set([block.from, block.to])].map((x) => ({ x, y: mean(block) })));
}

/** The value of the fit at an input; beyond its ends, the value at the end. Null for a fit without points. */
export function isotonicValue(fit: IsotonicFit, x: number): number | null {
  const right = fit.find((point) => point.x >= x);
  const left = fit.findLast((point) => point.x <= x);
  if (left === undefined || right === undefined) return (left ?? right)?.y ?? null;
  return right.x === left.x ? left.y : left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
}

function mean({ sum, weight }: Block): number {
  return sum / weight;
}
