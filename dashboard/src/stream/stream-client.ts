import { type StreamFrame, frameOf } from "./frames.ts";

/** Where the connection stands, as the page shows it. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** A replay is being sent; it ends at the present. */
  | { readonly kind: "replaying" }
  /** `attemptTime`: when it connects again, by this browser's clock. */
  | { readonly kind: "waiting"; readonly attemptTime: number; readonly reason: string }
  /** Connecting again would fail the same; `needsKey` where the key is missing, expired or not allowed. */
  | { readonly kind: "refused"; readonly reason: string; readonly needsKey: boolean }
  | { readonly kind: "offline" };

export interface StreamRequest {
  /** Parameters of `GET /v1/stream` beside the cursor and the ticket. */
  readonly parameters: Readonly<Record<string, string>>;
  /** A ticket where a key is known, null where streams are open; a refusal says why there is none. */
  readonly ticket: () => Promise<{ readonly ticket: string | null } | { readonly refusal: string } | { readonly retryMs: number }>;
  readonly onFrame: (frame: StreamFrame) => void;
  readonly onConnection: (connection: Connection) => void;
}

const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** Three beats that did not come: the connection is dead, whatever it looks like. */
const MAX_SILENCE_MS = 30_000;
const CLOSES: Readonly<Record<number, { readonly delayMs?: number; readonly reason: string }>> = {
  1001: { reason: "The server went away." },
  1012: { delayMs: 5_000, reason: "The server restarts." },
  1013: { delayMs: 30_000, reason: "The server has no room for another stream." },
  4003: { delayMs: 200, reason: "This browser read too slowly." },
  4005: { delayMs: 30_000, reason: "Too many streams are open from here." },
};
/** What was asked for is refused: a parameter, or a place to continue from that the stream, which was restored, never gave. */
const BAD_REQUEST = 4000;
const REFUSED = 4001;
const UNANSWERED = 1006;

/**
 * One connection to the live stream, kept up: it continues after the last frame it has, waits longer after each failure, and
 * takes silence for a cut. It ends only with `stop`.
 */
export class StreamClient {
  readonly #request: StreamRequest;
  #socket: WebSocket | null = null;
  #cursor: string | null = null;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #isStopped = true;
  #round = 0;

  constructor(request: StreamRequest) {
    this.#request = request;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    addEventListener("online", this.#atOnce);
    addEventListener("offline", this.#offline);
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    removeEventListener("online", this.#atOnce);
    removeEventListener("offline", this.#offline);
    this.#drop();
  }

  /** Connects again now: the network or the key is another. */
  readonly reconnect = (): void => {
    if (this.#isStopped) return;
    this.#drop();
    this.#failures = 0;
    void this.#connect();
  };

  readonly #atOnce = (): void => this.reconnect();

  readonly #offline = (): void => {
    this.#drop();
    this.#request.onConnection({ kind: "offline" });
  };

  async #connect(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    this.#request.onConnection({ kind: "connecting" });
    const got = await this.#request.ticket();
    if (round !== this.#round || this.#isStopped) return;
    if ("refusal" in got) return this.#request.onConnection({ kind: "refused", reason: got.refusal, needsKey: true });
    if ("retryMs" in got) return this.#wait(got.retryMs, "The server does not answer.");
    const socket = new WebSocket(this.#address(got.ticket));
    this.#socket = socket;
    this.#listenForSilence();
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#take(socket, frameOf(data)));
    socket.addEventListener("close", ({ code, reason }) => socket === this.#socket && this.#closed(code, reason));
  }

  #address(ticket: string | null): string {
    const address = new URL("/v1/stream", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const parameters = { ...this.#request.parameters, ...(this.#cursor === null ? {} : { last_event_id: this.#cursor }) };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    if (ticket !== null) address.searchParams.set("ticket", ticket);
    return address.href;
  }

  #take(socket: WebSocket, frame: StreamFrame | null): void {
    this.#listenForSilence();
    if (frame === null) return;
    if (frame.type === "hello") {
      this.#failures = 0;
      this.#request.onConnection({ kind: frame.replay ? "replaying" : "live" });
    }
    if (frame.type === "live") this.#request.onConnection({ kind: "live" });
    if (frame.type === "beat") socket.send(JSON.stringify({ op: "ack", n: frame.n }));
    // The frame is the page's before the cursor moves past it. A page that fails at a frame would fail at it again.
    try {
      this.#request.onFrame(frame);
    } catch (error) {
      reportError(error);
    }
    if ("id" in frame && typeof frame.id === "string") this.#cursor = frame.id;
  }

  #closed(code: number, reason: string): void {
    this.#drop();
    if (code === REFUSED || (code === BAD_REQUEST && this.#cursor === null)) return this.#refused(reason, code === REFUSED);
    if (code === BAD_REQUEST) this.#cursor = null;
    const known = CLOSES[code];
    const text = known?.reason ?? (reason || (code === UNANSWERED ? "The connection was cut." : `The stream was closed (${code}).`));
    this.#wait(known?.delayMs ?? null, text);
  }

  #refused(reason: string, needsKey: boolean): void {
    this.#request.onConnection({ kind: "refused", reason: reason || "The stream needs an API key.", needsKey });
  }

  /** @param delayMs null: full jitter over a bound that doubles with each failure */
  #wait(delayMs: number | null, reason: string): void {
    if (!navigator.onLine) return this.#request.onConnection({ kind: "offline" });
    const bound = Math.min(BASE_DELAY_MS * 2 ** this.#failures, MAX_DELAY_MS);
    this.#failures += 1;
    const wait = delayMs === null ? Math.random() * bound : delayMs * (0.5 + Math.random() / 2);
    this.#request.onConnection({ kind: "waiting", attemptTime: Date.now() + wait, reason });
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#drop();
      this.#wait(null, "The stream was silent for 30 s.");
    }, MAX_SILENCE_MS);
  }

  #drop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
