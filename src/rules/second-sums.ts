import type { PositionSide } from "../liquidation.ts";

const SECOND_MS = 1_000;
/** The longest window and the seconds that a venue's clock may be ahead, and room. */
const SLOTS = 1_024;
const LONGEST_S = 900;
/** USD and number of longs, USD and number of shorts. */
const WIDTH = 4;

/** Sums over the last 1, 5 and 15 minutes, each as USD and number of longs, USD and number of shorts. */
export type WindowSums = readonly [oneMinute: Float64Array, fiveMinutes: Float64Array, fifteenMinutes: Float64Array];

/**
 * The liquidations of one base asset by second of event time, for windows that end at a whole second. Sums are added up for
 * each window, so that no subtraction leaves a rounding error.
 */
export class SecondSums {
  readonly #seconds = new Float64Array(SLOTS).fill(Number.NaN);
  readonly #sums = new Float64Array(SLOTS * WIDTH);
  readonly #windows: WindowSums = [new Float64Array(WIDTH), new Float64Array(WIDTH), new Float64Array(WIDTH)];
  #latest = -Infinity;

  /** @param usd null where unknown: it counts, but has no value */
  add(time: number, side: PositionSide, usd: number | null): void {
    const second = Math.floor(time / SECOND_MS);
    if (second <= this.#latest - LONGEST_S) return;
    const slot = second % SLOTS;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#sums.fill(0, slot * WIDTH, (slot + 1) * WIDTH);
    }
    if (second > this.#latest) this.#latest = second;
    const place = slot * WIDTH + (side === "long" ? 0 : 2);
    this.#sums[place] = (this.#sums[place] ?? 0) + (usd ?? 0);
    this.#sums[place + 1] = (this.#sums[place + 1] ?? 0) + 1;
  }

  /** The windows that end at a time in whole seconds, ms. The same arrays each time. */
  before(time: number): WindowSums {
    const [one, five, fifteen] = this.#windows;
    const end = time / SECOND_MS;
    for (const window of this.#windows) window.fill(0);
    if (this.#latest < end - LONGEST_S) return this.#windows;
    this.#addTo(one, end - 60, end);
    five.set(one);
    this.#addTo(five, end - 300, end - 60);
    fifteen.set(five);
    this.#addTo(fifteen, end - LONGEST_S, end - 300);
    return this.#windows;
  }

  #addTo(sums: Float64Array, from: number, to: number): void {
    let [longUsd, longs, shortUsd, shorts] = [0, 0, 0, 0];
    for (let second = from; second < to; second += 1) {
      const slot = second % SLOTS;
      if (this.#seconds[slot] !== second) continue;
      const place = slot * WIDTH;
      longUsd += this.#sums[place] ?? 0;
      longs += this.#sums[place + 1] ?? 0;
      shortUsd += this.#sums[place + 2] ?? 0;
      shorts += this.#sums[place + 3] ?? 0;
    }
    sums[0] = (sums[0] ?? 0) + longUsd;
    sums[1] = (sums[1] ?? 0) + longs;
    sums[2] = (sums[2] ?? 0) + shortUsd;
    sums[3] = (sums[3] ?? 0) + shorts;
  }
}
