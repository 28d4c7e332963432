import type { PositionSide } from "../../../src/liquidation.ts";

/** Longs and shorts as two parts of one bar: how a total divides. */
export function SideSplit({ long, short }: { readonly long: number; readonly short: number }) {
  const sum = long + short;
  if (sum <= 0) return <div class="side-split side-split-none" aria-hidden="true" />;
  return (
    <div class="side-split" aria-hidden="true">
      <span class="side-part side-part-long" style={{ width: `${(100 * long) / sum}%` }} />
      <span class="side-part side-part-short" style={{ width: `${(100 * short) / sum}%` }} />
    </div>
  );
}

interface AmountBarProps {
  readonly share: number;
  readonly side?: PositionSide;
  /** Hatched where the part is a lower bound, dotted where it is inferred. */
  readonly fill?: "solid" | "hatched" | "dotted";
}

/** A part of a whole as a bar behind or under its number. */
export function AmountBar({ share, side, fill = "solid" }: AmountBarProps) {
  const width = `${100 * Math.max(0, Math.min(1, share))}%`;
  return (
    <span class="amount-bar" aria-hidden="true">
      <span class={`amount-part fill-${fill} ${side === undefined ? "" : `amount-${side}`}`} style={{ width }} />
    </span>
  );
}
