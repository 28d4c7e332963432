/** A range of inputs with the same fitted value, `sum / weight`. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly sum: number;
  readonly weight: number;
}

/** A fit that never falls: at these inputs these values, linear between them. */
export type IsotonicFit = readonly { readonly x: number; readonly y: number }[];

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The non-decreasing function closest to the points in least squares.
 * @see Barlow, Bartholomew, Bremner & Brunk 1972, Statistical Inference under Order Restrictions
 */
export function isotonicFit(points: readonly Point[]): IsotonicFit {
  return fitOf(pooled(blocksOf(points)));
}

/**
 * The same fit, each of its blocks as if it had `strength` more points of the value `towards`: a short block says little and
 * stays near it (the posterior mean of a beta-binomial model). Blocks whose order this turns around are pooled again. With
 * points of 0 and 1 and `towards` between them, no value is 0 or 1.
 */
export function shrunkIsotonicFit(points: readonly Point[], towards: number, strength: number): IsotonicFit {
  const blocks = pooled(blocksOf(points));
  return fitOf(pooled(blocks.map((block) => ({ ...block, sum: block.sum + strength * towards, weight: block.weight + strength }))));
}

/** The value of the fit at an input; beyond its ends, the value at the end. Null for a fit without points. */
export function isotonicValue(fit: IsotonicFit, x: number): number | null {
  const right = fit.find((point) => point.x >= x);
  const left = fit.findLast((point) => point.x <= x);
  if (left === undefined || right === undefined) return (left ?? right)?.y ?? null;
  return right.x === left.x ? left.y : left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
}

/** One block for each input, in their order. */
function blocksOf(points: readonly Point[]): readonly Block[] {
  return [...Map.groupBy(points, ({ x }) => x)]
    .toSorted(([a], [b]) => a - b)
    .map(([x, own]) => ({ from: x, to: x, sum: own.reduce((sum, { y }) => sum + y, 0), weight: own.length }));
}

/** Pools adjacent violators: blocks that do not rise. */
function pooled(blocks: readonly Block[]): readonly Block[] {
  const risen: Block[] = [];
  for (const block of blocks) {
    let grown = block;
    for (let left = risen.at(-1); left !== undefined && mean(left) >= mean(grown); left = risen.at(-1)) {
      risen.pop();
      grown = { from: left.from, to: grown.to, sum: left.sum + grown.sum, weight: left.weight + grown.weight };
    }
    risen.push(grown);
  }
  return risen;
}

function fitOf(blocks: readonly Block[]): IsotonicFit {
  return blocks.flatMap((block) => [...new Set([block.from, block.to])].map((x) => ({ x, y: mean(block) })));
}

function mean({ sum, weight }: Block): number {
  return sum / weight;
}
