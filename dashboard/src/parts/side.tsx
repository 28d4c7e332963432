import type { PositionSide } from "../../../src/liquidation.ts";

/** The side of closed positions, by colour and by shape: longs are sold (▼), shorts are bought back (▲). */
export function Side({ side, label = side }: { readonly side: PositionSide; readonly label?: string }) {
  return (
    <span class={`side side-${side}`}>
      <SideMark side={side} />
      {label}
    </span>
  );
}

export function SideMark({ side }: { readonly side: PositionSide }) {
  return (
    <svg class={`side-mark side-${side}`} viewBox="0 0 8 8" aria-hidden="true">
      <path d={side === "long" ? "M0 1.2h8L4 7.4z" : "M0 6.8h8L4 .6z"} />
    </svg>
  );
}
