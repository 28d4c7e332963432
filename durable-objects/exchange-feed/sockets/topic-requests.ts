import type { ContractTopics, TopicRefusal } from "../../../src/exchanges/exchange.ts";
import { inRunsOf } from "../../../src/exchanges/decoding/scope.ts";

/** The venue's response to requests for topics. */
export interface TopicResponse {
  readonly confirmed: readonly string[];
  /** Topics that it refuses even by themselves. */
  readonly refused: readonly string[];
  /** Requests to send, for the topics that were refused only along with others. */
  readonly frames: readonly string[];
}

/**
 * The requests for topics of one session. A venue that refuses a request for one of its topics is asked again for the
 * others, and for each by itself where it did not say which one it means; so requests get smaller until none is left.
 */
export class TopicRequests {
  readonly #topics: ContractTopics;
  /** Topics by the id of their request, while the venue has not responded. */
  readonly #asked = new Map<string, readonly string[]>();
  readonly #open: Set<string>;
  #count = 0;

  constructor(topics: ContractTopics) {
    this.#topics = topics;
    this.#open = new Set(topics.contracts.keys());
  }

  /** Topics that the venue has neither confirmed nor refused. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /** The first requests, for all topics except the withheld ones. */
  begin(withheld: ReadonlySet<string>): readonly string[] {
    for (const topic of withheld) this.#open.delete(topic);
    const { perRequest } = this.#topics;
    if (perRequest === null) return [];
    const wanted = [...this.#topics.contracts.keys()].filter((topic) => !withheld.has(topic));
    return inRunsOf(perRequest, wanted).map((topics) => this.ask(topics));
  }

  /** @returns the frame that requests these topics */
  ask(topics: readonly string[]): string {
    this.#count += 1;
    const { id, frame } = this.#topics.request(this.#count, topics);
    this.#asked.set(id, topics);
    return frame;
  }

  /** @param topic a topic, or the id of a request */
  confirm(topic: string): readonly string[] {
    const confirmed = this.#asked.get(topic) ?? [topic];
    this.#asked.delete(topic);
    this.close(confirmed);
    return confirmed;
  }

  refuse({ request, unknown, held }: TopicRefusal): TopicResponse {
    const asked = this.#asked.get(request) ?? [];
    this.#asked.delete(request);
    const confirmed = asked.filter((topic) => held.includes(topic));
    const named = asked.filter((topic) => unknown.includes(topic));
    const isNamed = confirmed.length > 0 || named.length > 0;
    const refused = isNamed || asked.length > 1 ? named : asked;
    this.close([...confirmed, ...refused]);
    const others = asked.filter((topic) => !confirmed.includes(topic) && !refused.includes(topic));
    const perRequest = isNamed ? Math.max(1, others.length) : 1;
    return { confirmed, refused, frames: inRunsOf(perRequest, others).map((topics) => this.ask(topics)) };
  }

  close(topics: readonly string[]): void {
    for (const topic of topics) this.#open.delete(topic);
  }
}
