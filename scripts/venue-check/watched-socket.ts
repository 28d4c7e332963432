import { SocketSession, type SessionDependencies } from "../../durable-objects/exchange-feed/sockets/socket-session.ts";
import type { Exchange, FeedMessage, ReceivedFrame, Scope, SocketPlan } from "../../src/exchanges/exchange.ts";
import type { ObservedSocket } from "./observations.ts";
import { socketFetch } from "./open-socket.ts";

/** A venue that refuses is asked again so often, and after so long, ms. */
const MAX_CONNECTIONS = 5;
const RETRY_MS = 2_000;
const MAX_SHOWN = 20;

/** One of a venue's sockets, held open by the session that the collector uses, and what is seen of it. */
export class WatchedSocket {
  readonly #plan: SocketPlan;
  readonly #open: () => SocketSession;
  #session: SocketSession | null = null;
  #retryTime = 0;
  #host = "unknown";
  #opened = 0;
  #flowed = 0;
  #frames = 0;
  #bytes = 0;
  #pongs = 0;
  #replies = 0;
  #pings = 0;
  #controlTime: number | null = null;
  #longestSilence = 0;
  readonly #ends: string[] = [];
  readonly #confirmed = new Set<string>();
  readonly #refused: string[] = [];

  constructor(
    exchange: Exchange,
    scope: Scope,
    plan: SocketPlan,
    deps: Omit<SessionDependencies, "fetch">,
    take: (messages: readonly FeedMessage[], frame: ReceivedFrame) => void,
  ) {
    this.#plan = { ...plan, address: (request, connectId) => this.#address(plan, request, connectId) };
    const { now } = deps;
    const fetchSocket = socketFetch(() => {
      this.#pings += 1;
    });
    const noted: typeof fetch = async (...args) => {
      const response = await fetchSocket(...args);
      if (response.status === 101) this.#opened += 1;
      return response;
    };
    this.#open = () =>
      new SocketSession(
        this.#plan,
        exchange.createDecoder(scope),
        {
          messages: (messages, frame) => {
            this.#note(messages, frame);
            take(messages, frame);
          },
          flowing: () => {
            this.#flowed += 1;
          },
          confirmed: (topics) => topics.forEach((topic) => this.#confirmed.add(topic)),
          refusedTopic: (topic, reason) => this.#refused.push(`${topic}: ${reason}`.slice(0, 200)),
          ended: ({ kind, message }) => {
            if (this.#ends.length < MAX_SHOWN) this.#ends.push(`${kind}: ${message}`);
            this.#session = null;
            this.#controlTime = null;
            this.#retryTime = now() + RETRY_MS;
          },
        },
        { ...deps, fetch: noted },
      );
  }

  /** Called about once per second. */
  tick(now: number): void {
    if (this.#session === null && this.#ends.length < MAX_CONNECTIONS && now >= this.#retryTime) {
      this.#session = this.#open();
      void this.#session.open();
    }
    this.#session?.tick(now);
    if (this.#controlTime !== null) this.#longestSilence = Math.max(this.#longestSilence, now - this.#controlTime);
  }

  close(): void {
    this.#session?.close();
  }

  /** Whether it will not be opened again. */
  get isGivenUp(): boolean {
    return this.#session === null && this.#ends.length >= MAX_CONNECTIONS;
  }

  get observed(): ObservedSocket {
    const { name, role, confirmations, controlTimeoutMs, keepalive } = this.#plan;
    return {
      name,
      role,
      host: this.#host,
      opened: this.#opened,
      flowed: this.#flowed,
      ends: this.#ends,
      frames: this.#frames,
      bytes: this.#bytes,
      wanted: [...confirmations],
      confirmed: [...this.#confirmed],
      refused: this.#refused,
      controlTimeoutMs,
      longestSilenceMs: this.#longestSilence,
      keepaliveMs: keepalive?.intervalMs ?? null,
      pongs: this.#pongs,
      replies: this.#replies,
      pings: this.#pings,
    };
  }

  async #address(plan: SocketPlan, ...args: Parameters<SocketPlan["address"]>): ReturnType<SocketPlan["address"]> {
    const address = await plan.address(...args);
    this.#host = new URL(address.url).host;
    return address;
  }

  #note(messages: readonly FeedMessage[], { text, receivedTime }: ReceivedFrame): void {
    this.#frames += 1;
    this.#bytes += Buffer.byteLength(text);
    // From the first frame of a connection on the control stream is expected.
    this.#controlTime ??= receivedTime;
    for (const { kind } of messages) {
      if (kind === "pong") this.#pongs += 1;
      if (kind === "reply") this.#replies += 1;
      if (!this.#plan.control.has(kind)) continue;
      this.#longestSilence = Math.max(this.#longestSilence, receivedTime - this.#controlTime);
      this.#controlTime = receivedTime;
    }
  }
}
