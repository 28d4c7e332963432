import type { Baseline } from "../cascade/cross-venue-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { type HourSketches, SideBaseline } from "./side-baseline.ts";

export interface MarketSample {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly velocity: number;
  readonly cumUsd5m: number;
}

/** An hour of one symbol and side, as it is stored. */
export interface StoredHour extends HourSketches {
  readonly symbol: string;
  readonly side: PositionSide;
}

interface Entry extends Pick<MarketSample, "symbol" | "side"> {
  readonly ranks: SideBaseline;
  baseline: Baseline;
}

/** The longer past of every symbol and side: seven days of minute samples and the last Hawkes fit. */
export class Baselines {
  readonly #entries = new Map<string, Entry>();

  of(symbol: string, side: PositionSide): Baseline {
    return this.#entry(symbol, side).baseline;
  }

  velocityQuantile(symbol: string, side: PositionSide, share: number): number {
    return this.#entry(symbol, side).ranks.velocityQuantile(share);
  }

  /** Takes one sample of each symbol and side; those known that have none are quiet: their sample is zero. */
  sample(samples: readonly MarketSample[], now: number): void {
    const quiet = new Set(this.#entries.values());
    for (const { symbol, side, velocity, cumUsd5m } of samples) {
      const entry = this.#entry(symbol, side);
      quiet.delete(entry);
      entry.ranks.sample(velocity, cumUsd5m, now);
    }
    for (const { ranks } of quiet) ranks.sample(0, 0, now);
  }

  setBranchingRatio(symbol: string, side: PositionSide, branchingRatio: number | null): void {
    const entry = this.#entry(symbol, side);
    entry.baseline = toBaseline(entry.ranks, branchingRatio);
  }

  /** The hour that `time` lies in of every symbol and side, to be stored now and then. */
  hours(time: number): StoredHour[] {
    return [...this.#entries.values()].map(({ symbol, side, ranks }) => ({ symbol, side, ...ranks.hourOf(time) }));
  }

  /** Takes back a stored hour; gives whether it was one. */
  restore({ symbol, side, ...hour }: StoredHour): boolean {
    return this.#entry(symbol, side).ranks.restore(hour);
  }

  #entry(symbol: string, side: PositionSide): Entry {
    const key = `${symbol}|${side}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const ranks = new SideBaseline(symbol);
      entry = { symbol, side, ranks, baseline: toBaseline(ranks, null) };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}

function toBaseline(ranks: SideBaseline, branchingRatio: number | null): Baseline {
  return { branchingRatio, velocity: (value) => ranks.velocity(value), cumUsd5m: (value) => ranks.cumUsd5m(value) };
}
