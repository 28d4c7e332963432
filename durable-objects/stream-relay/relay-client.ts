import { NOTHING_SENT, type Reading, type Unread, unreadOf } from "../../src/stream/slow-client.ts";
import { type StreamFilter, filterKey } from "../../src/stream/filter.ts";
import type { ClientRequest } from "../../src/stream/relay-protocol.ts";
import { MessageAllowance } from "../../src/stream/message-allowance.ts";

/** Name of the subscription that the address of the stream asks for. */
export const OF_ADDRESS = "url";

/** What is known of a client after the object hibernated. At most 16 kB: 20 subscriptions with 50 base assets each are refused. */
interface Attachment {
  readonly request: Pick<ClientRequest, "transport" | "slow" | "owner" | "expires">;
  readonly subscriptions: readonly (readonly [id: string | number, filter: StreamFilter])[];
  readonly reading: Reading;
  readonly delivered: number;
  readonly epoch: string;
  readonly isLive: boolean;
  readonly emptySince: number | null;
}

/** Of the 16,384 bytes that an attachment may have; the rest is for the state. */
const MAX_SUBSCRIPTION_BYTES = 10_000;

/** One socket of a relay, and what its client has. */
export class RelayClient {
  readonly socket: WebSocket;
  readonly request: Attachment["request"];
  readonly subscriptions: Map<string | number, StreamFilter>;
  reading: Reading;
  /** The client has every frame up to this sequence that it is to get. */
  delivered: number;
  /** Whether frames are sent as they come; before, the client is sent those it missed. */
  isLive: boolean;
  /** Since when it has no subscription, ms. */
  emptySince: number | null;
  readonly messages = new MessageAllowance();
  #key: string | null = null;

  private constructor(socket: WebSocket, { request, subscriptions, reading, delivered, isLive, emptySince }: Omit<Attachment, "epoch">) {
    this.socket = socket;
    this.request = request;
    this.subscriptions = new Map(subscriptions);
    this.reading = reading;
    this.delivered = delivered;
    this.isLive = isLive;
    this.emptySince = emptySince;
  }

  static begin(socket: WebSocket, { transport, slow, owner, expires, filter, beats }: ClientRequest): RelayClient {
    const request = { transport, slow, owner, expires };
    const subscriptions = [[OF_ADDRESS, filter]] as const;
    return new RelayClient(socket, {
      request,
      subscriptions,
      reading: { ...NOTHING_SENT, beats },
      delivered: 0,
      isLive: false,
      emptySince: null,
    });
  }

  /** Null where the socket has no attachment. */
  static wake(socket: WebSocket): { readonly client: RelayClient; readonly epoch: string } | null {
    const attachment = socket.deserializeAttachment() as Attachment | null;
    return attachment === null ? null : { client: new RelayClient(socket, attachment), epoch: attachment.epoch };
  }

  save(epoch: string): void {
    const { request, reading, delivered, isLive, emptySince } = this;
    const attachment: Attachment = { request, subscriptions: [...this.subscriptions], reading, delivered, epoch, isLive, emptySince };
    this.socket.serializeAttachment(attachment);
  }

  get filters(): readonly StreamFilter[] {
    return [...this.subscriptions.values()];
  }

  /** The same for all clients that get the same. */
  get key(): string {
    this.#key ??= filterKey(this.filters);
    return this.#key;
  }

  /** @returns whether there was room for it */
  subscribe(id: string | number, filter: StreamFilter): boolean {
    const changed = new Map(this.subscriptions).set(id, filter);
    if (JSON.stringify([...changed]).length > MAX_SUBSCRIPTION_BYTES) return false;
    this.subscriptions.set(id, filter);
    this.emptySince = null;
    this.#key = null;
    return true;
  }

  /** @returns whether there was such a subscription */
  unsubscribe(id: string | number, now: number): boolean {
    const isKnown = this.subscriptions.delete(id);
    if (this.subscriptions.size === 0) this.emptySince ??= now;
    this.#key = null;
    return isKnown;
  }

  /** What the client has not read. Releases of the runtime from before November 2026 do not say what they hold. */
  get unread(): Unread {
    const buffered = "bufferedAmount" in this.socket ? this.socket.bufferedAmount : undefined;
    return unreadOf(this.reading, typeof buffered === "number" ? buffered : null);
  }
}
