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
/** Levels of a side that change at once, on average, however many there are: most orders come near the touch. */
const CHANGED_LEVELS = 6;

/** A move of a book: its change is computed once it is read. */
interface Move {
  readonly mid: number;
  change: BookSides | null;
}

/**
 * A book that follows a mid price: one tick of spread, then levels on a fixed grid whose sizes mostly stay. Its levels are
 * computed when somebody reads them, so that a book that nobody subscribed to costs nothing.
 */
export class OrderBook {
  readonly #shape: BookShape;
  readonly #random: Random;
  /** Price in ticks to size in coins, best first. */
  #bids = new Map<number, number>();
  #asks = new Map<number, number>();
  #pending: Move | null = null;

  constructor(shape: BookShape, random: Random) {
    this.#shape = shape;
    this.#random = random;
  }

  /** Moves the book to a new mid. @returns the levels that changed since the last change that was read, to be read before the next move */
  move(mid: number): BookSides {
    const move: Move = { mid, change: null };
    this.#pending = move;
    const change = (): BookSides => this.#settled(move);
    return {
      get bids() {
        return change().bids;
      },
      get asks() {
        return change().asks;
      },
    };
  }

  #settled(move: Move): BookSides {
    if (move === this.#pending) {
      this.#pending = null;
      move.change = this.#moved(move.mid);
    }
    if (move.change === null) throw new Error("the book has moved on since");
    return move.change;
  }

  #moved(mid: number): BookSides {
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
    if (this.#pending !== null) this.#settled(this.#pending);
    return { bids: this.#levels(this.#bids, depth), asks: this.#levels(this.#asks, depth) };
  }

  #filled(ticks: readonly number[], before: ReadonlyMap<number, number>, mid: number): Map<number, number> {
    const keep = Math.max(KEEP_PROBABILITY, 1 - CHANGED_LEVELS / ticks.length);
    return new Map(
      ticks.map((price) => {
        const kept = before.get(price);
        if (kept !== undefined && this.#random.chance(keep)) return [price, kept];
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

/** The levels that differ between two states of a book, as a venue sends them. */
export function changesBetween(before: BookSides, after: BookSides): BookSides {
  return { bids: changedLevels(before.bids, after.bids), asks: changedLevels(before.asks, after.asks) };
}

function changedLevels(before: readonly Level[], after: readonly Level[]): Level[] {
  const [old, now] = [new Map(before), new Map(after)];
  const gone = before.filter(([price]) => !now.has(price)).map(([price]): Level => [price, 0]);
  return [...gone, ...after.filter(([price, size]) => old.get(price) !== size)];
}
