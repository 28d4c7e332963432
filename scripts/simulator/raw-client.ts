import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";
import type * as Ws from "ws";

// By require, for the same reason as in the venues' server.
const { WebSocket } = createRequire(import.meta.url)("ws") as typeof Ws;

export interface ClientOptions {
  readonly autoPong?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawFrame {
  readonly text: string;
  readonly binary: boolean;
}

/** A client without any knowledge of a protocol: what it sends is written out in the test. */
export class RawClient {
  readonly #socket: Ws.WebSocket;
  readonly #frames: RawFrame[] = [];
  readonly #waiting: { readonly wanted: (text: string) => boolean; readonly take: (frame: RawFrame) => void }[] = [];
  #reader: ((text: string) => void) | null = null;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: Ws.WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("message", (data, binary) => this.#arrive({ text: textOf(data as Buffer), binary }));
  }

  /** Rejects with the server's message where it refuses the upgrade. */
  static async open(httpUrl: string, options: ClientOptions = {}): Promise<RawClient> {
    const socket = new WebSocket(httpUrl.replace(/^http/, "ws"), options);
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    return client;
  }

  send(message: string | object): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next frame, received already or still to come, whose text is wanted; frames before it stay. */
  async next(wanted: (text: string) => boolean = () => true): Promise<RawFrame> {
    const index = this.#frames.findIndex((frame) => wanted(frame.text));
    const [found] = index === -1 ? [] : this.#frames.splice(index, 1);
    if (found !== undefined) return found;
    return new Promise((resolve) => {
      this.#waiting.push({ wanted, take: resolve });
    });
  }

  /** The next frame that holds this text, as JSON. */
  async nextJson(holding: string): Promise<unknown> {
    const { text } = await this.next((each) => each.includes(holding));
    return JSON.parse(text);
  }

  /** Sends a message and waits for the answer that holds a text: frames keep their order, so all before it are here then. */
  async ask(message: string | object, holding: string): Promise<string> {
    this.send(message);
    return (await this.next((text) => text.includes(holding))).text;
  }

  /** Everything received and not taken yet. */
  takeAll(): string[] {
    return this.#frames.splice(0).map((frame) => frame.text);
  }

  /** Hands every frame, those received so far too, to a reader instead of keeping it. */
  onFrame(read: (text: string) => void): void {
    for (const text of this.takeAll()) read(text);
    this.#reader = read;
  }

  close(): void {
    this.#socket.terminate();
  }

  #arrive(frame: RawFrame): void {
    if (this.#reader !== null) {
      this.#reader(frame.text);
      return;
    }
    const index = this.#waiting.findIndex(({ wanted }) => wanted(frame.text));
    const [waiting] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (waiting === undefined) this.#frames.push(frame);
    else waiting.take(frame);
  }
}

/** Some venues compress their frames. */
function textOf(data: Buffer): string {
  return (data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data) : data).toString();
}
