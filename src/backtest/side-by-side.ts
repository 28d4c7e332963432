import type { SymbolMark } from "./mark-book.ts";
import type { DrivenReplay } from "./replay-days.ts";
import type { Replay } from "./replay.ts";
import type { ReplayedEvent } from "./replayed-event.ts";
import type { ReplayedMarket } from "./replayed-market.ts";
import { runMinute } from "./run-minute.ts";

/** Replays of one range that share their market and differ in their rule. */
export class SideBySide implements DrivenReplay {
  readonly #market: ReplayedMarket;
  readonly #replays: readonly Replay[];

  /** @param replays each made with the market in its settings */
  constructor(market: ReplayedMarket, replays: readonly Replay[]) {
    this.#market = market;
    this.#replays = replays;
  }

  get waiting(): number {
    return Math.max(...this.#replays.map(({ waiting }) => waiting));
  }

  run(minute: number, received: readonly ReplayedEvent[]): Promise<void> {
    return runMinute(this.#market, this.#replays, minute, received);
  }

  putMarks(marks: readonly SymbolMark[]): void {
    for (const mark of marks) this.#market.marks.put(mark);
  }
}
