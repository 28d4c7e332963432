import type { Hello } from "../../../src/stream/frames.ts";
import type { Liquidation } from "../api/schema.ts";

/** What of an answer with the last liquidations says how far back they are complete. */
export interface RecentPage {
  readonly events: readonly Liquidation[];
  /** Whether the answer leaves older ones out. */
  readonly hasMore: boolean;
  /** Start of the range that was asked for. */
  readonly start: number;
}

/** From when an answer has every liquidation that it was asked for. */
export function reachOf({ events, hasMore, start }: RecentPage): number {
  // Others of the oldest one's millisecond may be left out.
  return hasMore ? Math.min(...events.map(({ event_time: time }) => time + 1)) : start;
}

/**
 * From when the page holds every liquidation that the venues reported, ms: of all base assets, and of single ones whose last hour
 * was asked for. Infinity while nothing is known. What the bounded log drops is not in it.
 */
export class Reach {
  #all = Number.POSITIVE_INFINITY;
  readonly #symbols = new Map<string, number>();
  #wasOpened = false;

  /** @param symbol null: of all base assets */
  of(symbol: string | null): number {
    return symbol === null ? this.#all : Math.min(this.#all, this.#symbols.get(symbol) ?? Number.POSITIVE_INFINITY);
  }

  /** Takes that everything from `time` on is here. */
  extend(symbol: string | null, time: number): void {
    if (symbol === null) this.#all = Math.min(this.#all, time);
    else this.#symbols.set(symbol, Math.min(time, this.of(symbol)));
  }

  /**
   * Takes that the stream was opened at `time`, and sends what happens from then on. Opened once more without its place, which was
   * refused, it names no gap for what is missing since.
   */
  opened(resumed: Hello["resumed"], time: number): void {
    if (this.#wasOpened && resumed === "none") this.cut(time);
    this.#wasOpened = true;
    this.extend(null, time);
  }

  /** Takes that something before `time` is missing. */
  cut(time: number): void {
    if (this.#all < time) this.#all = time;
    for (const [symbol, from] of this.#symbols) if (from < time) this.#symbols.set(symbol, time);
  }
}
