import type { Gap } from "../../src/gap.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";

/**
 * Gaps for the hub. A gap with an end that it never learned would last for ever there, so each is sent until it is
 * acknowledged.
 */
export class HubGaps {
  readonly #noteGap: (gap: Gap) => Promise<void>;
  readonly #log: Log;
  #waiting: readonly Gap[] = [];

  constructor(noteGap: (gap: Gap) => Promise<void>, log: Log) {
    this.#noteGap = noteGap;
    this.#log = log;
  }

  /** Adds a gap that began or ended; it replaces an unsent report of the same gap. */
  push(gap: Gap): void {
    this.#waiting = [...this.#waiting.filter(({ from_time }) => from_time !== gap.from_time), gap];
    void this.send();
  }

  /** Never rejects: reports that the hub did not take wait for the next call. */
  async send(): Promise<void> {
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
