import type { Connection } from "./connection.ts";

/** Who is subscribed to what, with what the venue needs to know of each subscription (a channel number, a format). */
export class Topics<S, D> {
  readonly #subscribers = new Map<string, Map<Connection<S>, D>>();

  has(topic: string, connection: Connection<S>): boolean {
    return this.#subscribers.get(topic)?.has(connection) ?? false;
  }

  add(topic: string, connection: Connection<S>, detail: D): void {
    const subscribers = this.#subscribers.get(topic) ?? new Map<Connection<S>, D>();
    this.#subscribers.set(topic, subscribers.set(connection, detail));
  }

  delete(topic: string, connection: Connection<S>): void {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return;
    subscribers.delete(connection);
    if (subscribers.size === 0) this.#subscribers.delete(topic);
  }

  drop(connection: Connection<S>): void {
    for (const topic of this.#subscribers.keys()) this.delete(topic, connection);
  }

  all(): readonly (readonly [topic: string, connection: Connection<S>])[] {
    return [...this.#subscribers].flatMap(([topic, subscribers]) => [...subscribers.keys()].map((each) => [topic, each] as const));
  }

  /** Whether nobody is subscribed to anything. */
  get isEmpty(): boolean {
    return this.#subscribers.size === 0;
  }

  wanted(topic: string): boolean {
    return this.#subscribers.has(topic);
  }

  of(topic: string): ReadonlyMap<Connection<S>, D> {
    return this.#subscribers.get(topic) ?? new Map<Connection<S>, D>();
  }
}
