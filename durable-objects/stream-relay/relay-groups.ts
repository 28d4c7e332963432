import type { Channel } from "../../src/stream/filter.ts";
import type { RelayClient } from "./relay-client.ts";

/** The clients of a relay, those who get the same together. */
export class RelayGroups {
  readonly #clients = new Map<WebSocket, RelayClient>();
  readonly #groups = new Map<string, Set<RelayClient>>();
  /** Number of clients of each owner. */
  readonly #owners = new Map<string, number>();

  get size(): number {
    return this.#clients.size;
  }

  /** Number of distinct filters. */
  get filters(): number {
    return this.#groups.size;
  }

  get all(): readonly RelayClient[] {
    return [...this.#clients.values()];
  }

  get live(): readonly RelayClient[] {
    return this.all.filter(({ isLive }) => isLive);
  }

  /** Whose clients are here. */
  get owners(): readonly string[] {
    return [...this.#owners.keys()];
  }

  /** A client that has every frame of the relay that it is to get. */
  get upToDate(): RelayClient | undefined {
    for (const client of this.#clients.values()) if (client.isLive && client.reading.skipped === null) return client;
    return undefined;
  }

  /** Whether a client asked for a frame type. */
  want(channel: Channel): boolean {
    return [...this.#groups.values()].some(([one]) => one?.filters.some(({ channels }) => channels.includes(channel)));
  }

  countOf(owner: string): number {
    return this.#owners.get(owner) ?? 0;
  }

  groups(): IterableIterator<ReadonlySet<RelayClient>> {
    return this.#groups.values();
  }

  of(socket: WebSocket): RelayClient | undefined {
    return this.#clients.get(socket);
  }

  add(client: RelayClient): void {
    this.#clients.set(client.socket, client);
    this.#count(client, 1);
    this.#join(client);
  }

  remove(client: RelayClient): void {
    if (!this.#clients.delete(client.socket)) return;
    this.#count(client, -1);
    this.#leave(client);
  }

  /** Changes the subscriptions of a client. */
  change<Result>(client: RelayClient, change: () => Result): Result {
    this.#leave(client);
    try {
      return change();
    } finally {
      if (this.#clients.has(client.socket)) this.#join(client);
    }
  }

  #count({ request: { owner } }: RelayClient, change: number): void {
    if (owner === null) return;
    const count = this.countOf(owner) + change;
    if (count > 0) this.#owners.set(owner, count);
    else this.#owners.delete(owner);
  }

  #join(client: RelayClient): void {
    const group = this.#groups.get(client.key);
    if (group === undefined) this.#groups.set(client.key, new Set([client]));
    else group.add(client);
  }

  #leave(client: RelayClient): void {
    const group = this.#groups.get(client.key);
    group?.delete(client);
    if (group?.size === 0) this.#groups.delete(client.key);
  }
}
