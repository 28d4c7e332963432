import type { ExchangeName } from "../../src/liquidation.ts";
import { COINS, type Moment, START, VENUES, type Writer } from "./venue-frames.ts";

/** Frames as a venue's socket sends them, for measuring. */
export interface FrameMix {
  readonly exchange: ExchangeName;
  readonly name: string;
  /** Frames that a session begins with; not measured. */
  readonly opening: readonly string[];
  readonly frames: readonly string[];
}

const FRAMES = 1000;

/** For each venue its liquidations alone, where it has them, and all its frames in their live proportions. */
export function frameMixes(): readonly FrameMix[] {
  return Object.entries(VENUES).flatMap(([name, venue]) => {
    const exchange = name as ExchangeName;
    const opening = (venue.opening ?? []).map((frame) => JSON.stringify(frame));
    const { liquidation, market } = venue;
    const mixed = liquidation === undefined ? market : [...market, [LIQUIDATIONS_PER_SECOND, liquidation] as const];
    const mixes = [{ exchange, name: "live mix", opening, frames: write(mixed) }];
    return liquidation === undefined ? mixes : [{ exchange, name: "liquidations", opening, frames: write([[1, liquidation]]) }, ...mixes];
  });
}

/** That of a busy hour: Binance's cap for three coins is three. */
const LIQUIDATIONS_PER_SECOND = 1;

function write(writers: readonly (readonly [number, Writer])[]): readonly string[] {
  const random = generator(7);
  const total = writers.reduce((sum, [perSecond]) => sum + perSecond, 0);
  return Array.from({ length: FRAMES }, (_, index) => {
    let share = random() * total;
    const chosen = writers.find(([perSecond]) => (share -= perSecond) < 0) ?? writers.at(-1);
    return JSON.stringify(chosen?.[1](momentOf(index, random)));
  });
}

function momentOf(index: number, random: () => number): Moment {
  const { coin, price, digits } = COINS[Math.floor(random() * COINS.length)] ?? COINS[0];
  const now = price * (1 + 0.01 * (random() - 0.5));
  return {
    coin,
    time: START + index * 7,
    long: random() < 0.6,
    size: Number((0.001 + 5 * random() ** 3).toFixed(3)),
    price: (bps) => (now * (1 + bps / 10_000)).toFixed(digits),
  };
}

/** Park and Miller's generator: the same frames in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
