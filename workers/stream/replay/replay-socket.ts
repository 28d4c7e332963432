import { closeReason } from "../../../src/stream/close-codes.ts";
import { type ReadMessage, readMessage } from "../../../src/stream/client-message.ts";
import type { Beat, OpAnswer, OpError } from "../../../src/stream/frames.ts";
import { BEAT_MS, MAX_MESSAGE_BYTES, MAX_SUBSCRIPTIONS } from "../../../src/stream/limits.ts";
import {
  BYTES_PER_BEAT,
  CLOSE_BYTES,
  NOTHING_SENT,
  type Reading,
  SLOW_BYTES,
  SLOW_MS,
  acknowledged,
  sent,
  sentBeat,
} from "../../../src/stream/slow-client.ts";
import { MessageAllowance, TOO_MANY_MESSAGES } from "../../../src/stream/message-allowance.ts";
import { closeQuietly } from "../sse-writer.ts";
import type { ReplaySink } from "./replay-sink.ts";

const POLL_MS = 50;

/** The WebSocket of a client during a replay, which goes no faster than the client acknowledges beats. Then it is joined to a relay. */
export class ReplaySocket implements ReplaySink {
  readonly #socket: WebSocket;
  readonly #messages = new MessageAllowance();
  #reading: Reading = NOTHING_SENT;
  #beatTime = Date.now();
  #isOpen = true;
  /** Messages for the relay, which the client is joined to later. */
  #waiting: string[] = [];
  #relay: WebSocket | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#message(data));
    socket.addEventListener("close", () => this.#ended());
    socket.addEventListener("error", () => this.#ended());
    socket.accept();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Number of beats that the client was sent, from which its relay counts on. */
  get beats(): number {
    return this.#reading.beats;
  }

  async send(_type: string, id: string | null, json: string): Promise<boolean> {
    this.#say(json);
    this.#reading = sent(this.#reading, json.length);
    const sinceBeat = this.#reading.unread - (this.#reading.waiting.at(-1)?.[1] ?? 0);
    if (sinceBeat >= BYTES_PER_BEAT) this.beat(id);
    const deadline = Date.now() + SLOW_MS;
    while (this.#isOpen && this.#reading.unread > (this.#reading.acknowledges ? SLOW_BYTES : CLOSE_BYTES)) {
      if (Date.now() > deadline) this.close(4003, "the replay was not read for 30 s: acknowledge beats");
      if (Date.now() - this.#beatTime >= BEAT_MS) this.beat(id);
      await scheduler.wait(POLL_MS);
    }
    return this.#isOpen;
  }

  beat(id: string | null): void {
    this.#beatTime = Date.now();
    const beat: Beat = { type: "beat", id, time: Date.now(), through: null, gaps: [], n: this.#reading.beats + 1 };
    const json = JSON.stringify(beat);
    this.#say(json);
    this.#reading = sentBeat(this.#reading, json.length, this.#beatTime);
  }

  /** From now on, the client and the relay at the other end of this socket talk to each other. */
  join(relay: WebSocket): void {
    this.#relay = relay;
    relay.addEventListener("message", ({ data }) => this.#say(String(data)));
    relay.addEventListener("close", ({ code, reason }) => this.close(code === 1005 || code === 1006 ? 1012 : code, reason));
    relay.addEventListener("error", () => this.close(1012, "the relay failed"));
    relay.accept();
    for (const text of this.#waiting) relay.send(text);
    this.#waiting = [];
    if (!this.#isOpen) closeQuietly(relay);
  }

  close(code: number, reason: string): void {
    closeQuietly(this.#socket, code, closeReason(reason));
    this.#ended();
  }

  #message(data: unknown): void {
    const text = typeof data === "string" ? data : "";
    if (this.#relay !== null && text !== "") {
      this.#relay.send(text);
      return;
    }
    if (text.length > MAX_MESSAGE_BYTES) {
      this.close(1009, `a message may have at most ${MAX_MESSAGE_BYTES} bytes`);
      return;
    }
    const read = readMessage(text);
    if (!this.#isFree(read) && !this.#messages.take(Date.now())) {
      this.close(4008, TOO_MANY_MESSAGES);
      return;
    }
    if (read.kind === "refused") this.#refuse(read.id, read.detail);
    else if (read.message.op === "ack") this.#acknowledge(read.message.n);
    else if (read.message.op === "ping") this.#answer({ op: "ping", id: read.message.id ?? null, time: Date.now() });
    else if (this.#waiting.length < MAX_SUBSCRIPTIONS) this.#waiting.push(text);
    else this.#refuse(read.message.id, `at most ${MAX_SUBSCRIPTIONS} messages wait for the end of the replay`);
  }

  /** The first acknowledgement of a beat costs nothing: the server asks for it. */
  #isFree(read: ReadMessage): boolean {
    if (read.kind === "refused" || read.message.op !== "ack") return false;
    const { waiting } = acknowledged(this.#reading, read.message.n) ?? this.#reading;
    return waiting.length < this.#reading.waiting.length;
  }

  #acknowledge(beat: number): void {
    const reading = acknowledged(this.#reading, beat);
    if (reading === null) this.#refuse(null, `n: beat ${beat} was not sent; the last one is ${this.#reading.beats}`);
    else this.#reading = reading;
  }

  #answer(said: Omit<OpAnswer, "type">): void {
    this.#reply({ type: "answer", ...said });
  }

  #refuse(id: string | number | null, detail: string): void {
    this.#reply({ type: "error", id, detail });
  }

  /** What is sent in reply is unread until the next beat is acknowledged, as frames are. */
  #reply(frame: OpAnswer | OpError): void {
    const json = JSON.stringify(frame);
    this.#say(json);
    this.#reading = sent(this.#reading, json.length);
  }

  #say(text: string): void {
    if (!this.#isOpen) return;
    try {
      this.#socket.send(text);
    } catch {
      // The client is gone.
      this.#ended();
    }
  }

  #ended(): void {
    this.#isOpen = false;
    if (this.#relay !== null) closeQuietly(this.#relay);
  }
}
