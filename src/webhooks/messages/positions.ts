import { moveOf, numberOf } from "./figures.ts";
import type { Tone } from "./message.ts";

/** The liquidation of a position, in words that say which one it was and what its closing does to the price. */
interface SideWords {
  /** `BTC longs liquidated` */
  readonly positions: string;
  readonly position: string;
  /** Longs are closed by selling. */
  readonly flow: string;
  readonly order: string;
  /** The direction in which the closing orders push the price. */
  readonly arrow: string;
  readonly tone: Tone;
  readonly direction: 1 | -1;
}

const WORDS: Readonly<Record<"long" | "short", SideWords>> = {
  long: {
    positions: "longs",
    position: "long",
    flow: "forced selling",
    order: "a forced sell",
    arrow: "▼ ",
    tone: "down",
    direction: -1,
  },
  short: {
    positions: "shorts",
    position: "short",
    flow: "forced buying",
    order: "a forced buy",
    arrow: "▲ ",
    tone: "up",
    direction: 1,
  },
};

/** Null where the side is unknown. */
export function sideWords(side: unknown): SideWords | null {
  return side === "long" || side === "short" ? WORDS[side] : null;
}

/** A move that is counted in the direction of the forced flow, as the price moved: a flush of longs that moved it by 36.8 bps is `−0.37 %`. */
export function priceMoveOf(flowBps: unknown, side: unknown): string | null {
  const bps = numberOf(flowBps);
  const direction = sideWords(side)?.direction;
  return bps === null || direction === undefined ? null : moveOf(bps * direction);
}
