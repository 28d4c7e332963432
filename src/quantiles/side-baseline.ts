import type { UsualFlow } from "../cascade/cascade-score.ts";
import { QuantileSketch, type QuantileSketchJson } from "./quantile-sketch.ts";
import { startingQuantiles, type StartingQuantiles, tableQuantile } from "./starting-quantiles.ts";
import { HOUR_MS } from "../windows/calendar.ts";

const DAYS_HOURS = 7 * 24;
const MIN_HOURS = 24;

/** With fewer liquidations of its own a side has the starting medians. */
const MIN_EVENTS = 50;

/** What is sampled: the velocity of each minute, and the velocity and the count of the minute before it at each liquidation. */
const SAMPLED = ["velocity", "eventVelocity", "eventCount"] as const;
type Sampled = (typeof SAMPLED)[number];

/** The samples of one hour, symbol and side. */
export type HourSketches = Readonly<Record<Sampled, QuantileSketchJson>> & {
  /** Start of the hour, ms. */
  readonly hour: number;
};

type Sketches = Readonly<Record<Sampled, QuantileSketch>>;

/**
 * An hour that is over: the number of its samples where all were zero, otherwise its sketches as a text. As objects they
 * take several times as much, and a week of `*` has 130,000 hours of base assets and sides, most of them quiet.
 */
type ClosedHour = number | string;

/**
 * The last seven days of a symbol and side. The velocity that a cascade needs is a quantile of even times (once per minute,
 * quiet minutes included), so that it is a share of time; the score compares with the median liquidation. With fewer than 24
 * hours of samples, or few liquidations, the starting quantiles stand in.
 */
export class SideBaseline implements UsualFlow {
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

  /** Whether it had no flow in the last seven days: it says no more than no samples at all. */
  get isSilent(): boolean {
    return this.#week.velocity.isZero && this.#week.eventVelocity.count === 0;
  }

  /** The velocity of a minute, USD/s. */
  sample(velocity: number, time: number): void {
    for (const sketches of [this.#openHour(hourOf(time)), this.#week]) sketches.velocity.add(velocity);
  }

  /** A liquidation: the velocity at it, USD/s, and the number of liquidations in the minute that ends with it. */
  noteEvent(velocity: number, events1m: number, time: number): void {
    for (const sketches of [this.#openHour(hourOf(time)), this.#week]) {
      sketches.eventVelocity.add(velocity);
      sketches.eventCount.add(events1m);
    }
  }

  /** The median velocity at a liquidation, USD/s. */
  get medianVelocity(): number {
    return this.#median("eventVelocity");
  }

  /** The median number of liquidations in the minute that ends with one. */
  get medianEvents1m(): number {
    return this.#median("eventCount");
  }

  /** The velocity below which this share of the minutes lies, USD/s. */
  velocityQuantile(share: number): number {
    return this.#own()?.velocity.quantile(share) ?? tableQuantile(this.#starting.velocity, share);
  }

  #median(name: "eventVelocity" | "eventCount"): number {
    const own = this.#own()?.[name];
    return own === undefined || own.count < MIN_EVENTS ? this.#starting[name] : (own.quantile(0.5) ?? this.#starting[name]);
  }

  /** The hour of `time`, for storing its samples as they arrive. */
  hourOf(time: number): HourSketches {
    const hour = hourOf(time);
    const { velocity, eventVelocity, eventCount } = this.#open?.hour === hour ? this.#open : sketchesOf(this.#closed.get(hour) ?? 0);
    return { hour, velocity: velocity.toJSON(), eventVelocity: eventVelocity.toJSON(), eventCount: eventCount.toJSON() };
  }

  /** Restores a stored hour; returns whether it was valid. */
  restore(stored: { readonly hour: number } & Readonly<Record<Sampled, unknown>>): boolean {
    const velocity = QuantileSketch.fromJSON(stored.velocity);
    const eventVelocity = QuantileSketch.fromJSON(stored.eventVelocity);
    const eventCount = QuantileSketch.fromJSON(stored.eventCount);
    if (velocity === null || eventVelocity === null || eventCount === null) return false;
    const sketches = { velocity, eventVelocity, eventCount };
    this.#drop(stored.hour);
    this.#closed.set(stored.hour, closedHour(sketches));
    for (const name of SAMPLED) this.#week[name].merge(sketches[name]);
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
    const sketches = sketchesOf(closed);
    for (const name of SAMPLED) this.#week[name].subtract(sketches[name]);
    this.#closed.delete(hour);
  }
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS;
}

function newSketches(): Sketches {
  return { velocity: new QuantileSketch(), eventVelocity: new QuantileSketch(), eventCount: new QuantileSketch() };
}

function closedHour(sketches: Sketches): ClosedHour {
  const isQuiet = sketches.velocity.isZero && sketches.eventVelocity.count === 0;
  return isQuiet ? sketches.velocity.count : SAMPLED.map((name) => packed(sketches[name].toJSON())).join("|");
}

function sketchesOf(closed: ClosedHour): Sketches {
  const sketches = newSketches();
  if (typeof closed === "number") {
    sketches.velocity.add(0, closed);
    return sketches;
  }
  const texts = closed.split("|");
  for (const [index, name] of SAMPLED.entries()) {
    const own = QuantileSketch.fromJSON(unpacked(texts[index] ?? ""));
    if (own !== null) sketches[name].merge(own);
  }
  return sketches;
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
