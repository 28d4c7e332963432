import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** A frame encoded once, however many subscribers get it. */
export interface Frame {
  readonly data: Buffer;
  readonly binary: boolean;
}

export const textFrame = (text: string): Frame => ({ data: Buffer.from(text), binary: false });
export const binaryFrame = (text: string): Frame => ({ data: Buffer.from(text), binary: true });

/** A reader this far behind is cut off, as venues do with slow readers. */
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;
const CUT_GRACE_MS = 1000;

/** One client's socket with the venue's session state. */
export class Connection<S> {
  readonly id: number;
  readonly url: URL;
  readonly session: S;
  readonly openedTime: number;
  lastReceivedTime: number;
  lastPongTime: number;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #stalled: () => boolean;
  #cut = false;
  #halfOpen = false;

  constructor(id: number, url: URL, session: S, now: number, socket: WebSocket, stream: Duplex, stalled: () => boolean) {
    this.id = id;
    this.url = url;
    this.session = session;
    this.openedTime = now;
    this.lastReceivedTime = now;
    this.lastPongTime = now;
    this.#socket = socket;
    this.#stream = stream;
    this.#stalled = stalled;
  }

  get open(): boolean {
    return !this.#cut && !this.#halfOpen && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends an answer: acks, errors, pongs. These still come from a stalled venue. */
  reply(frame: Frame): void {
    if (this.open) this.#write(frame);
  }

  /** Sends data; false where the socket is gone or the venue is stalled. */
  push(frame: Frame): boolean {
    if (!this.open || this.#stalled()) return false;
    return this.#write(frame);
  }

  ping(): void {
    if (this.open) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Ends the TCP stream without a close frame, after what was written: the client sees code 1006. */
  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#stream.end();
    setTimeout(() => this.#socket.terminate(), CUT_GRACE_MS).unref();
  }

  /** From now on the socket is as silent as one whose other end has lost its network. */
  halfOpen(): void {
    this.#halfOpen = true;
    this.#stream.pause();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #write(frame: Frame): boolean {
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.terminate();
      return false;
    }
    this.#socket.send(frame.data, { binary: frame.binary });
    return true;
  }
}
