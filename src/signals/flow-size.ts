import type { Coverage, ExchangeName } from "../liquidation.ts";
import { type BySide, bySide } from "../windows/percentile.ts";
import type { SymbolWindow, WindowBySide } from "../windows/symbol-window.ts";
import { type Breadth, type FlowSize, dominantOf } from "./signal-input.ts";

/** A window that ranks this high counts as busy. */
const HIGH_PERCENTILE = 0.9;

/** The USD of each side of a window against what is usual, and how much of it comes from feeds that carry a part. */
export function flowSizes(
  { sides, exchanges, median_usd }: SymbolWindow,
  coverage: Readonly<Partial<Record<ExchangeName, Coverage>>>,
): BySide<FlowSize> {
  const venues = Object.entries(exchanges) as [ExchangeName, SymbolWindow["exchanges"][ExchangeName]][];
  return bySide((side): FlowSize => {
    const usd = sides[side].usd;
    const median = median_usd[side];
    let [all, partial] = [0, 0];
    for (const [name, statistics] of venues) {
      const own = statistics?.[side].usd ?? 0;
      all += own;
      if (coverage[name] !== "all_reported") partial += own;
    }
    return {
      median_usd: median,
      multiple: usd === null || median === null || median === 0 ? null : usd / median,
      partial_share: all === 0 ? null : partial / all,
    };
  });
}

/** How many base assets are busy in the same window, and how many of them on the same side. */
export function breadthOf(symbol: string, windows: readonly WindowBySide[]): Breadth {
  const side = windows.find((window) => window.symbol === symbol);
  const own = side === undefined ? null : dominantOf(side.sides);
  const high = windows.filter(({ sides }) => (sides.total.percentile ?? 0) >= HIGH_PERCENTILE);
  return {
    symbols: windows.length,
    high: high.length,
    high_same_side: high.filter(({ sides }) => own !== null && dominantOf(sides)?.side === own.side).length,
  };
}
