import type { Gap } from "../../src/gap.ts";

/** Gaps on their way to the hub: one that it never saw end would last for ever there, so each is told until it is taken. */
export class HubGaps {
  readonly #noteGap: (gap: Gap) => Promise<void>;
  readonly #log: (entry: Record<string, unknown>) => void;
  #waiting: readonly Gap[] = [];

  constructor(noteGap: (gap: Gap) => Promise<void>, log: (entry: Record<string, unknown>) => void) {
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
      this.#log({ event: "hub_failed", error: String(error) });
    }
  }
}
