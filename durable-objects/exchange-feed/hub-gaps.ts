import type { Gap } from "../../src/gap.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";

/** Gaps on their way to the hub: one that it never saw end would last for ever there, so each is told until it is taken. */
export class HubGaps {
  readonly #noteGap: (gap: Gap) => Promise<void>;
  readonly #log: Log;
  #waiting: readonly Gap[] = [];

  constructor(noteGap: (gap: Gap) => Promise<void>, log: Log) {
    this.#noteGap = noteGap;
    this.#log = log;
  }

  /** A gap that began or ended; what was still to be told of the same one is replaced. */
  push(gap: Gap): void {
    this.#waiting = [...this.#waiting.filter(({ from_time }) => from_time !== gap.from_time), gap];
    void this.tell();
  }

  /** Never rejects: what the hub did not take waits for the next call. */
  async tell(): Promise<void> {
    try {
      for (const gap of this.#waiting) {
        await this.#noteGap(gap);
        this.#waiting = this.#waiting.filter((one) => one !== gap);
      }
    } catch (error) {
      this.#log({ event: "hub_failed", error: messageOf(error) });
    }
  }
}
