import type { TopicProbe } from "../../src/exchanges/exchange.ts";
import type { ObjectMemory } from "../object-memory.ts";
import type { Log } from "../../src/log.ts";

/** Checks now and then whether a venue without a liquidation topic has one by now. */
export class TopicProber {
  readonly #probe: TopicProbe | null;
  readonly #memory: ObjectMemory;
  readonly #log: Log;

  constructor(probe: TopicProbe | null, memory: ObjectMemory, log: Log) {
    this.#probe = probe;
    this.#memory = memory;
    this.#log = log;
  }

  /** The topic that the venue accepted, null while there is none. */
  get found(): string | null {
    const found = this.#memory.read("probe_found");
    return typeof found === "string" ? found : null;
  }

  /** Probes, if it is time to. */
  run(now: number, send: (frame: string) => void): void {
    if (this.#probe === null) return;
    const last = this.#memory.readNumber("probe_time") ?? 0;
    if (now - last < this.#probe.intervalMs) return;
    this.#memory.write("probe_time", now);
    for (const frame of this.#probe.frames) send(frame);
    this.#log({ event: "topic_probe", candidates: this.#probe.frames.length });
  }

  /** Checks whether a topic confirmed by the venue is one of the candidates. */
  confirmed(topic: string): void {
    const accepted = this.#probe?.accepted(topic) ?? null;
    if (accepted === null || accepted === this.found) return;
    this.#memory.write("probe_found", accepted);
    this.#log({ event: "liquidation_topic_found", topic: accepted });
  }
}
