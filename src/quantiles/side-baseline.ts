import type { Ranks } from "../cascade/cascade-score.ts";
import { QuantileSketch, type QuantileSketchJson } from "./quantile-sketch.ts";
import { startingQuantiles, type StartingQuantiles, tableQuantile, tableRank } from "./starting-quantiles.ts";
import { HOUR_MS } from "../windows/calendar.ts";

const DAYS_HOURS = 7 * 24;
const MIN_HOURS = 24;

/** The samples of one hour, symbol and side. */
export interface HourSketches {
  /** Start of the hour, ms. */
  readonly hour: number;
  readonly velocity: QuantileSketchJson;
  readonly cumUsd5m: QuantileSketchJson;
}

interface Hour {
  readonly velocity: QuantileSketch;
  readonly cumUsd5m: QuantileSketch;
}

/**
 * Ranks a velocity or five-minute sum among the last seven days of its symbol and side. Samples are taken at even times
 * (once per minute, quiet minutes included), so that a rank is a share of time rather than of events. With fewer than
 * 24 hours of samples it ranks against the starting quantiles.
 */
export class SideBaseline implements Ranks {
  readonly #hours = new Map<number, Hour>();
  readonly #starting: StartingQuantiles;
  #merged: Hour | null = null;

  constructor(symbol: string) {
    this.#starting = startingQuantiles(symbol);
  }

  /** Hours with samples, of the last seven days. */
  get hours(): number {
    return this.#hours.size;
  }

  sample(velocity: number, cumUsd5m: number, time: number): void {
    const hour = this.#hour(time);
    hour.velocity.add(velocity);
    hour.cumUsd5m.add(cumUsd5m);
    this.#merged?.velocity.add(velocity);
    this.#merged?.cumUsd5m.add(cumUsd5m);
  }

  velocity(usdPerSecond: number): number {
    return this.#own()?.velocity.rank(usdPerSecond) ?? tableRank(this.#starting.velocity, usdPerSecond);
  }

  cumUsd5m(usd: number): number {
    return this.#own()?.cumUsd5m.rank(usd) ?? tableRank(this.#starting.cumUsd5m, usd);
  }

  velocityQuantile(share: number): number {
    return this.#own()?.velocity.quantile(share) ?? tableQuantile(this.#starting.velocity, share);
  }

  /** The hour of `time`, for storing its samples as they arrive. */
  hourOf(time: number): HourSketches {
    const hour = Math.floor(time / HOUR_MS) * HOUR_MS;
    const { velocity, cumUsd5m } = this.#hours.get(hour) ?? newHour();
    return { hour, velocity: velocity.toJSON(), cumUsd5m: cumUsd5m.toJSON() };
  }

  /** Restores a stored hour; returns whether it was valid. */
  restore(stored: { readonly hour: number; readonly velocity: unknown; readonly cumUsd5m: unknown }): boolean {
    const velocity = QuantileSketch.fromJSON(stored.velocity);
    const cumUsd5m = QuantileSketch.fromJSON(stored.cumUsd5m);
    if (velocity === null || cumUsd5m === null) return false;
    this.#hours.set(stored.hour, { velocity, cumUsd5m });
    this.#merged = null;
    return true;
  }

  #own(): Hour | null {
    if (this.#hours.size < MIN_HOURS) return null;
    if (this.#merged === null) {
      this.#merged = newHour();
      for (const { velocity, cumUsd5m } of this.#hours.values()) {
        this.#merged.velocity.merge(velocity);
        this.#merged.cumUsd5m.merge(cumUsd5m);
      }
    }
    return this.#merged;
  }

  #hour(time: number): Hour {
    const start = Math.floor(time / HOUR_MS) * HOUR_MS;
    let hour = this.#hours.get(start);
    if (hour === undefined) {
      hour = newHour();
      this.#hours.set(start, hour);
      for (const old of this.#hours.keys()) if (old <= start - DAYS_HOURS * HOUR_MS) this.#hours.delete(old);
      this.#merged = null;
    }
    return hour;
  }
}

function newHour(): Hour {
  return { velocity: new QuantileSketch(), cumUsd5m: new QuantileSketch() };
}
