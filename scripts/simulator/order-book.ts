import type { Random } from "./random.ts";

export interface BookShape {
  readonly tick: number;
  readonly levels: number;
  /** Typical USD on one level. */
  readonly levelUsd: number;
  /** Distance between levels below the touch, in parts of the price. */
  readonly spacing: number;
}

/** `[price, size in coins]`; size 0 in a change means that the level is gone. */
export type Level = readonly [price: number, size: number];

export interface BookSides {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

const KEEP_PROBABILITY = 0.85;

/** A book that follows a mid price: one tick of spread, then levels on a fixed grid whose sizes mostly stay. */
export class OrderBook {
  readonly #shape: BookShape;
  readonly #random: Random;
  /** Price in ticks to size in coins, best first. */
  #bids = new Map<number, number>();
  #asks = new Map<number, number>();

  constructor(shape: BookShape, random: Random) {
    this.#shape = shape;
    this.#random = random;
  }

  /** Moves the book to a new mid and gives the levels that changed. */
  move(mid: number): BookSides {
    const { tick, levels, spacing } = this.#shape;
    const grid = Math.max(1, Math.round((mid * spacing) / tick));
    const bestBid = Math.floor(mid / tick);
    const below = Math.ceil(bestBid / grid) - 1;
    const above = Math.floor((bestBid + 1) / grid) + 1;
    const rest = Array.from({ length: levels - 1 }, (_, index) => index);
    const bids = this.#filled([bestBid, ...rest.map((index) => (below - index) * grid)], this.#bids, mid);
    const asks = this.#filled([bestBid + 1, ...rest.map((index) => (above + index) * grid)], this.#asks, mid);
    const change = { bids: this.#changes(this.#bids, bids), asks: this.#changes(this.#asks, asks) };
    this.#bids = bids;
    this.#asks = asks;
    return change;
  }

  /** The best levels of each side, best first. */
  top(depth: number): BookSides {
    return { bids: this.#levels(this.#bids, depth), asks: this.#levels(this.#asks, depth) };
  }

  #filled(ticks: readonly number[], before: ReadonlyMap<number, number>, mid: number): Map<number, number> {
    return new Map(
      ticks.map((price) => {
        const kept = before.get(price);
        if (kept !== undefined && this.#random.chance(KEEP_PROBABILITY)) return [price, kept];
        return [price, (this.#shape.levelUsd / mid) * Math.exp(0.6 * this.#random.normal())];
      }),
    );
  }

  #changes(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): Level[] {
    const gone = [...before.keys()].filter((price) => !after.has(price)).map((price): Level => [price * this.#shape.tick, 0]);
    const set = [...after]
      .filter(([price, size]) => before.get(price) !== size)
      .map(([price, size]): Level => [price * this.#shape.tick, size]);
    return [...gone, ...set];
  }

  #levels(side: ReadonlyMap<number, number>, depth: number): Level[] {
    return [...side].slice(0, depth).map(([price, size]) => [price * this.#shape.tick, size]);
  }
}
