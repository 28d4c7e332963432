import { COMMENT_MS } from "../../src/stream/limits.ts";

/** Proxies that hold back the first bytes of a response hold back no more than this. */
const PADDING = `: ${" ".repeat(2_048)}\n`;
/** Time after which a browser connects again, ms. */
const RETRY_MS = 3_000;

export const SSE_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
} as const;

/** The body of a response of server-sent events. Something is written at least every 15 s, so that a lost client is noticed. */
export class SseWriter {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #comments: ReturnType<typeof setInterval>;
  readonly #ended = new AbortController();
  #writtenTime = Date.now();

  constructor() {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.readable = readable;
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => this.end());
    this.#comments = setInterval(() => this.#comment(), COMMENT_MS / 2);
    void this.write(`retry: ${RETRY_MS}\n${PADDING}\n`);
  }

  /** Aborted once the response has ended, by either side. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Never rejects. @returns once the response has taken the text: whether it is still open */
  async write(text: string): Promise<boolean> {
    if (this.ended.aborted) return false;
    this.#writtenTime = Date.now();
    try {
      await this.#writer.write(this.#encoder.encode(text));
      return true;
    } catch {
      // The client is gone.
      this.end();
      return false;
    }
  }

  end(): void {
    if (this.ended.aborted) return;
    clearInterval(this.#comments);
    this.#ended.abort();
    this.#writer.close().catch(() => undefined);
  }

  #comment(): void {
    if (Date.now() - this.#writtenTime >= COMMENT_MS / 2) void this.write(": still here\n\n");
  }
}

/**
 * Passes on what a relay sends to this socket. The client acknowledges nothing: a beat counts as read once the response has
 * taken it, so that the relay treats a response that is read slowly like a slow client.
 */
export function pipeRelay(writer: SseWriter, socket: WebSocket): void {
  socket.addEventListener("message", ({ data }) => void pass(String(data)));
  socket.addEventListener("close", () => writer.end());
  socket.addEventListener("error", () => writer.end());
  writer.ended.addEventListener("abort", () => closeQuietly(socket));
  socket.accept();
  if (writer.ended.aborted) closeQuietly(socket);

  async function pass(text: string): Promise<void> {
    const beat = beatOf(text);
    if ((await writer.write(text)) && beat !== null) socket.send(JSON.stringify({ op: "ack", n: beat }));
  }
}

/** The number of the beat in a text for server-sent events; null where it is another frame. */
function beatOf(text: string): number | null {
  if (!text.startsWith("event: beat\n")) return null;
  const [, n] = /"n":(\d+)\}\n\n$/.exec(text) ?? [];
  return n === undefined ? null : Number(n);
}

/** Closing a socket that the other side closed at the same time throws. */
export function closeQuietly(socket: WebSocket, code = 1000, reason = ""): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed, which is what was wanted.
  }
}
