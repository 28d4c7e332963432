import type { BookLevel } from "../exchanges/exchange.ts";

/** One side of a book from the best price outwards, in the venue's units. */
export interface LevelReader {
  readonly length: number;
  /** @param index 0 is the best level */
  price(index: number): number;
  size(index: number): number;
}

/**
 * The levels of one side, sorted at all times: changes come by the hundred per second and most are near the best price,
 * so the best level is last and most insertions move few others.
 */
export class BookSide implements LevelReader {
  /** 1 where a higher price is better. */
  readonly #sign: 1 | -1;
  /** Price × sign, ascending. */
  readonly #keys: number[] = [];
  readonly #sizes: number[] = [];

  constructor(side: "bids" | "asks") {
    this.#sign = side === "bids" ? 1 : -1;
  }

  get length(): number {
    return this.#keys.length;
  }

  price(index: number): number {
    return this.#sign * (this.#keys[this.#keys.length - 1 - index] ?? Number.NaN);
  }

  size(index: number): number {
    return this.#sizes[this.#sizes.length - 1 - index] ?? Number.NaN;
  }

  clear(): void {
    this.#keys.length = 0;
    this.#sizes.length = 0;
  }

  /** Sets levels to their new sizes; 0 deletes one. @returns false where a level has no valid price or size */
  set(levels: readonly BookLevel[]): boolean {
    for (const [priceText, sizeText] of levels) {
      const price = Number(priceText);
      const size = Number(sizeText);
      if (!isLevel(price, size)) return false;
      this.#setLevel(this.#sign * price, size);
    }
    return true;
  }

  #setLevel(key: number, size: number): void {
    const keys = this.#keys;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] ?? Infinity) < key) low = middle + 1;
      else high = middle;
    }
    const isHeld = keys[low] === key;
    if (isHeld && size > 0) this.#sizes[low] = size;
    else if (isHeld) {
      keys.splice(low, 1);
      this.#sizes.splice(low, 1);
    } else if (size > 0) {
      keys.splice(low, 0, key);
      this.#sizes.splice(low, 0, size);
    }
  }
}

/**
 * Reads the levels of a whole book; those of size 0 are left out.
 * @param levels ordered from the best price outwards
 * @returns null where a level has no valid price or size
 */
export function readSide(levels: readonly BookLevel[]): LevelReader | null {
  const prices: number[] = [];
  const sizes: number[] = [];
  for (const [priceText, sizeText] of levels) {
    const price = Number(priceText);
    const size = Number(sizeText);
    if (!isLevel(price, size)) return null;
    if (size === 0) continue;
    prices.push(price);
    sizes.push(size);
  }
  return {
    length: prices.length,
    price: (index) => prices[index] ?? Number.NaN,
    size: (index) => sizes[index] ?? Number.NaN,
  };
}

function isLevel(price: number, size: number): boolean {
  return price > 0 && Number.isFinite(price) && size >= 0 && Number.isFinite(size);
}
