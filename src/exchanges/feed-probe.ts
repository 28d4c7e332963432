import type { FeedProbe, ProbeMessage, ProbeTopic } from "./exchange.ts";

/** What a probe found. */
export interface ProbeOutcome {
  /** Why the probe proves nothing; null where the control topic was accepted and every candidate was asked for. */
  readonly error: string | null;
  /** The candidates that the venue accepted. Whether they deliver is another question: some venues accept anything. */
  readonly accepted: readonly string[];
  readonly refused: number;
  /** Number of candidates without an answer. */
  readonly unanswered: number;
}

/** The maximum length of a venue's reason in an outcome. */
const MAX_REASON = 200;

/**
 * One probe, without its socket: asks for one topic after the other, because not every venue says which topic it
 * refuses. The caller sends what it returns, and calls `skip` where an answer does not come in time.
 */
export class ProbeRun {
  readonly #probe: FeedProbe;
  readonly #topics: readonly ProbeTopic[];
  /** Index of the topic that was asked for last; -1 before the first. */
  #asked = -1;
  #error: string | null = null;
  readonly #accepted: string[] = [];
  #refused = 0;
  #unanswered = 0;

  constructor(probe: FeedProbe) {
    this.#probe = probe;
    this.#topics = [probe.control, ...probe.candidates];
  }

  /** Index of the topic that waits for an answer: the caller's clock begins again when it changes. */
  get asked(): number {
    return this.#asked;
  }

  get isOver(): boolean {
    return this.#error !== null || this.#asked >= this.#topics.length;
  }

  get outcome(): ProbeOutcome {
    return { error: this.#error, accepted: this.#accepted, refused: this.#refused, unanswered: this.#unanswered };
  }

  /** Call it once the socket is open. @returns frames to send */
  opened(): readonly string[] {
    return this.#probe.waitForWelcome ? [] : this.#askNext();
  }

  /** @returns frames to send */
  receive(text: string): readonly string[] {
    if (this.isOver) return [];
    const message = this.#probe.read(text);
    switch (message.kind) {
      case "welcome":
        return this.#asked < 0 ? this.#askNext() : [];
      case "reply":
        return [message.frame];
      case "accepted":
      case "refused":
        return this.#answered(message);
      case "other":
        return [];
    }
  }

  /** No answer came in time. @returns frames to send */
  skip(): readonly string[] {
    if (this.isOver) return [];
    if (this.#asked < 0) return this.fail("the venue did not welcome the connection");
    if (this.#asked === 0) return this.fail(`no answer to the control topic ${this.#probe.control.topic}`);
    this.#unanswered += 1;
    return this.#askNext();
  }

  /** The connection is lost, or could not be opened. @returns no frames */
  fail(reason: string): readonly string[] {
    if (!this.isOver) this.#error = reason.slice(0, MAX_REASON);
    return [];
  }

  #answered(answer: Extract<ProbeMessage, { readonly kind: "accepted" | "refused" }>): readonly string[] {
    const current = this.#topics[this.#asked];
    if (current === undefined || (answer.topic !== null && answer.topic !== current.topic)) return [];
    if (this.#asked === 0 && answer.kind === "refused") {
      return this.fail(`the control topic ${current.topic} was refused: ${answer.reason}`);
    }
    if (this.#asked > 0) {
      if (answer.kind === "accepted") this.#accepted.push(current.topic);
      else this.#refused += 1;
    }
    return this.#askNext();
  }

  #askNext(): readonly string[] {
    this.#asked += 1;
    const next = this.#topics[this.#asked];
    return next === undefined ? [] : [next.frame];
  }
}
