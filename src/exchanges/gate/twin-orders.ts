/** Keys of orders that are remembered; a minute of the busiest cascade has fewer. */
const MAX_KEYS = 5_000;

/** Numbers the orders of a frame whose keys are equal. */
export interface FrameTwins {
  /** @param key what socket and REST say alike; @param detail what else the row says */
  ordinal(key: string, detail: string): number;
}

/**
 * Numbers orders of one session that have the same key. Those of a second come in one array, but a full one is sent early and
 * the rest follows, so the count goes on over frames; a row that is sent again keeps its number.
 */
export class TwinOrders {
  /** Of each key the details of its orders, in the order in which they came first. */
  readonly #seen = new Map<string, string[]>();

  /** Call it once per frame: rows of one frame that are equal in everything are different orders. */
  frame(): FrameTwins {
    const inFrame = new Map<string, number>();
    return {
      ordinal: (key, detail) => {
        const copies = inFrame.get(`${key} ${detail}`) ?? 0;
        inFrame.set(`${key} ${detail}`, copies + 1);
        return this.#place(key, `${detail} ${copies}`);
      },
    };
  }

  #place(key: string, detail: string): number {
    const known = this.#seen.get(key) ?? [];
    const place = known.indexOf(detail);
    if (place >= 0) return place;
    known.push(detail);
    this.#seen.set(key, known);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_KEYS && oldest !== undefined) this.#seen.delete(oldest);
    return known.length - 1;
  }
}
