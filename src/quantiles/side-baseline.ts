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

interface Sketches {
  readonly velocity: QuantileSketch;
  readonly cumUsd5m: QuantileSketch;
}

/**
 * An hour that is over: the number of its samples where all were zero, otherwise its sketches as a text. As objects they
 * take several times as much, and a week of `*` has 130,000 hours of base assets and sides, most of them quiet.
 */
type ClosedHour = number | string;

/**
 * Ranks a velocity or five-minute sum among the last seven days of its symbol and side. Samples are taken at even times
 * (once per minute, quiet minutes included), so that a rank is a share of time rather than of events. With fewer than
 * 24 hours of samples it ranks against the starting quantiles.
 */
export class SideBaseline implements Ranks {
  readonly #closed = new Map<number, ClosedHour>();
  readonly #starting: StartingQuantiles;
  /** The hour of the latest sample. */
  #open: (Sketches & { readonly hour: number }) | null = null;
  /** All hours together: samples are added, and hours that are over seven days old are subtracted again. */
  readonly #week = newSketches();

  constructor(symbol: string) {
    this.#starting = startingQuantiles(symbol);
  }

  /** Hours with samples, of the last seven days. */
  get hours(): number {
    return this.#closed.size + (this.#open === null ? 0 : 1);
  }

  /** Whether every sample of the last seven days was zero: it says no more than no samples at all. */
  get isSilent(): boolean {
    return this.#week.velocity.isZero && this.#week.cumUsd5m.isZero;
  }

  sample(velocity: number, cumUsd5m: number, time: number): void {
    for (const sketches of [this.#openHour(hourOf(time)), this.#week]) {
      sketches.velocity.add(velocity);
      sketches.cumUsd5m.add(cumUsd5m);
    }
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
    const hour = hourOf(time);
    const { velocity, cumUsd5m } = this.#open?.hour === hour ? this.#open : sketchesOf(this.#closed.get(hour) ?? 0);
    return { hour, velocity: velocity.toJSON(), cumUsd5m: cumUsd5m.toJSON() };
  }

  /** Restores a stored hour; returns whether it was valid. */
  restore(stored: { readonly hour: number; readonly velocity: unknown; readonly cumUsd5m: unknown }): boolean {
    const velocity = QuantileSketch.fromJSON(stored.velocity);
    const cumUsd5m = QuantileSketch.fromJSON(stored.cumUsd5m);
    if (velocity === null || cumUsd5m === null) return false;
    this.#drop(stored.hour);
    this.#closed.set(stored.hour, closedHour({ velocity, cumUsd5m }));
    this.#week.velocity.merge(velocity);
    this.#week.cumUsd5m.merge(cumUsd5m);
    return true;
  }

  #own(): Sketches | null {
    return this.hours < MIN_HOURS ? null : this.#week;
  }

  #openHour(hour: number): Sketches {
    if (this.#open?.hour === hour) return this.#open;
    if (this.#open !== null) this.#closed.set(this.#open.hour, closedHour(this.#open));
    const known = this.#closed.get(hour);
    this.#closed.delete(hour);
    const open = { hour, ...sketchesOf(known ?? 0) };
    this.#open = open;
    if (known === undefined) for (const old of this.#closed.keys()) if (old <= hour - DAYS_HOURS * HOUR_MS) this.#drop(old);
    return open;
  }

  /** Forgets an hour that is over. */
  #drop(hour: number): void {
    const closed = this.#closed.get(hour);
    if (closed === undefined) return;
    const { velocity, cumUsd5m } = sketchesOf(closed);
    this.#week.velocity.subtract(velocity);
    this.#week.cumUsd5m.subtract(cumUsd5m);
    this.#closed.delete(hour);
  }
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS;
}

function newSketches(): Sketches {
  return { velocity: new QuantileSketch(), cumUsd5m: new QuantileSketch() };
}

function closedHour({ velocity, cumUsd5m }: Sketches): ClosedHour {
  const isQuiet = velocity.isZero && cumUsd5m.isZero && velocity.count === cumUsd5m.count;
  return isQuiet ? velocity.count : `${packed(velocity.toJSON())}|${packed(cumUsd5m.toJSON())}`;
}

function sketchesOf(closed: ClosedHour): Sketches {
  const sketches = newSketches();
  if (typeof closed === "number") {
    sketches.velocity.add(0, closed);
    sketches.cumUsd5m.add(0, closed);
    return sketches;
  }
  const [velocity = "", cumUsd5m = ""] = closed.split("|");
  return {
    velocity: QuantileSketch.fromJSON(unpacked(velocity)) ?? sketches.velocity,
    cumUsd5m: QuantileSketch.fromJSON(unpacked(cumUsd5m)) ?? sketches.cumUsd5m,
  };
}

/** Half as long as JSON: the zeros, then for each bucket the distance from the one before and the count. */
function packed({ zeros, buckets }: QuantileSketchJson): string {
  let before = 0;
  const numbers = buckets.flatMap(([bucket, count]) => {
    const distance = bucket - before;
    before = bucket;
    return [distance, count];
  });
  return [zeros, ...numbers].join(" ");
}

function unpacked(text: string): QuantileSketchJson {
  const [zeros = 0, ...numbers] = text.split(" ").map(Number);
  const buckets: [number, number][] = [];
  let bucket = 0;
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    bucket += numbers[at] ?? 0;
    buckets.push([bucket, numbers[at + 1] ?? 0]);
  }
  return { zeros, buckets };
}
