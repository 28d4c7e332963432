import { fullJitter } from "../../../../src/backoff.ts";
import { messageOf } from "../../../../src/message-of.ts";
import { fillRequest } from "../../../../src/stream/fill-request.ts";
import type { StreamFilter, StreamFrame } from "../api.d.ts";
import { ApiError, BadParametersError, ConnectionError, UnauthorizedError } from "../problem-errors.ts";
import type { Transport } from "../transport.ts";
import { wait } from "../wait.ts";
import { LagQueue } from "./lag-queue.ts";
import { readEvents } from "./read-events.ts";
import { RecentIds } from "./recent-ids.ts";
import { type StreamItem, placeAfter, placeOf } from "./stream-item.ts";
import { type StreamOptions, queryOf } from "./stream-options.ts";

const SILENCE_MS = 30_000;
const RETRY = { baseMs: 500, capMs: 15_000 };
/** Characters that wait for the consumer at most. */
const MAX_WAITING = 1_000_000;
/** An id comes twice only around a cut, so the last ones are enough. */
const MAX_RECENT_IDS = 20_000;
const LOST_SIZE = 200;
/** Waits after the server closed the stream with these codes, ms; otherwise the wait grows with each failure. */
const CLOSE_WAITS: Readonly<Record<number, number>> = { 4003: 200, 4005: 30_000 };
const RESTART = 1012;
/** Clients that a restart cut all at once come back spread over this time. */
const RESTART_SPREAD_MS = 5_000;
/** The frames with which each connection begins, also one that brings nothing else. */
const OPENING: ReadonlySet<StreamFrame["type"]> = new Set(["hello", "snapshot"]);
const NOT_ALLOWED = 4001;
/** Connections in a row that may fail before the first frame of all: by then the address is more likely wrong than its server late. */
const FIRST_ATTEMPTS = 5;

/** How one connection ended, and the wait that the server asked for; null where it asked for none. */
interface Ended {
  readonly reason: string;
  readonly waitMs: number | null;
  /** What it failed with, where that was an error. */
  readonly error?: unknown;
}

/**
 * The live stream, to iterate over: it connects when it is iterated, connects again by itself after the last frame that it
 * has, and ends with its signal or the loop; it throws where the first five connections fail. Each liquidation comes once; what the server no longer has is a `gap`.
 */
export class LiquidationStream implements AsyncIterable<StreamItem> {
  readonly #transport: Transport;
  readonly #options: StreamOptions;
  #lastEventId: string | null;

  constructor(transport: Transport, options: StreamOptions) {
    const { max_lag_ms: maxLagMs } = options;
    if (maxLagMs !== undefined && !(maxLagMs > 0)) throw new RangeError(`max_lag_ms is ${maxLagMs}; allowed: a number over 0`);
    this.#transport = transport;
    this.#options = options;
    this.#lastEventId = options.last_event_id ?? null;
  }

  /**
   * The place of the last item that the consumer has done with: keep it, and give it as `last_event_id` to continue there
   * in another process. Null before the first.
   */
  get lastEventId(): string | null {
    return this.#lastEventId;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamItem, void> {
    const end = new AbortController();
    const signal = this.#options.signal === undefined ? end.signal : AbortSignal.any([end.signal, this.#options.signal]);
    const reading = new StreamReading(this.#transport, this.#options, this.#lastEventId, signal);
    void reading.run();
    try {
      for (;;) {
        const item = await reading.queue.take();
        // What waits when the signal is aborted is not wanted any more.
        if (item === null || signal.aborted) return;
        yield item;
        this.#lastEventId = placeAfter(this.#lastEventId, item);
      }
    } finally {
      end.abort();
    }
  }
}

/** Fills a queue from one connection after the other. */
class StreamReading {
  readonly queue: LagQueue;
  readonly #transport: Transport;
  readonly #options: StreamOptions;
  readonly #signal: AbortSignal;
  readonly #seen = new RecentIds(MAX_RECENT_IDS);
  #lastEventId: string | null;
  #from: number | string | null;
  #filter: StreamFilter | null = null;
  #failures = 0;
  /** Whether any connection brought a frame. */
  #wasOpen = false;
  /** Time of the server when it last said it, ms. */
  #heardTime: number | null = null;

  constructor(transport: Transport, options: StreamOptions, lastEventId: string | null, signal: AbortSignal) {
    this.#transport = transport;
    this.#options = options;
    this.#signal = signal;
    this.#lastEventId = lastEventId;
    this.#from = options.from ?? null;
    this.queue = new LagQueue({
      maxLagMs: options.max_lag_ms ?? null,
      maxSize: MAX_WAITING,
      request: (from, to) => this.#fillRequest(from, to),
      now: () => performance.now(),
    });
  }

  /** Never rejects: what ends it is thrown to the consumer. */
  async run(): Promise<void> {
    const abort = () => this.queue.end(null);
    this.#signal.addEventListener("abort", abort, { once: true });
    try {
      while (!this.#signal.aborted) {
        await this.queue.room();
        const { reason, waitMs, error } = await this.#connect();
        if (this.#signal.aborted) break;
        this.#failures += 1;
        if (!this.#wasOpen && this.#failures >= FIRST_ATTEMPTS) throw error ?? new ConnectionError(reason);
        const wait_ms = waitMs ?? fullJitter(this.#failures, RETRY, Math.random);
        this.queue.push({ type: "lost", reason, wait_ms, failures: this.#failures, last_event_id: this.#lastEventId }, LOST_SIZE);
        await wait(wait_ms, this.#signal);
      }
      this.queue.end(null);
    } catch (error) {
      this.queue.end(this.#signal.aborted ? null : error);
    } finally {
      this.#signal.removeEventListener("abort", abort);
    }
  }

  /** Reads one connection to its end. @throws {ApiError} where the same request would be refused again */
  async #connect(): Promise<Ended> {
    const connection = new AbortController();
    const signal = AbortSignal.any([connection.signal, this.#signal]);
    try {
      const ticket = (await this.#options.ticket?.()) ?? null;
      const query = queryOf(this.#options, { lastEventId: this.#lastEventId, from: this.#from }, ticket);
      const headers = { Accept: "text/event-stream" };
      const request = new Request(`${this.#transport.url}/v1/stream?${query.toString()}`, { headers, signal });
      return await this.#read(await this.#transport.open(request), signal);
    } catch (error) {
      if (error instanceof ApiError) return this.#refused(error);
      if (isFinal(error)) throw error;
      return { reason: messageOf(error), waitMs: null, error };
    } finally {
      connection.abort();
    }
  }

  async #read(response: Response, signal: AbortSignal): Promise<Ended> {
    const silenceMs = this.#options.silence_ms ?? SILENCE_MS;
    let closed: Ended | null = null;
    const take = async (texts: readonly string[]) => {
      for (const text of texts) closed = this.#take(JSON.parse(text) as StreamFrame, text.length) ?? closed;
      await this.queue.room();
    };
    const ended = await readEvents(response, { silenceMs, take, signal });
    if (closed !== null) return closed;
    if (ended.kind === "ended") return { reason: "the server ended it", waitMs: null };
    const silence = `nothing came for ${silenceMs / 1_000} s`;
    const suspicion = ", not even the first frame: a proxy in between may hold the stream back";
    return { reason: ended.isBegun ? silence : silence + suspicion, waitMs: null };
  }

  /** Passes a frame on. @returns how the stream ends, where the frame says that it does */
  #take(frame: StreamFrame, size: number): Ended | null {
    if (frame.type === "closed") return closedBy(frame.code, frame.reason);
    this.#wasOpen = true;
    if (!OPENING.has(frame.type)) this.#failures = 0;
    if ("time" in frame) this.#heardTime = frame.time;
    if (frame.type === "hello") this.#filter = frame.filter;
    this.#lastEventId = placeAfter(this.#lastEventId, frame);
    if (frame.type === "liquidation") {
      // A replay of stored events has no ids: it is continued from the time of the last one, which then comes again.
      if (this.#from !== null && placeOf(frame) === null) this.#from = frame.data.event_time;
      if (!this.#seen.add(frame.data.event_id)) return null;
    }
    this.queue.push(frame.type === "skipped" || frame.type === "gap" ? { ...frame, by: "server" } : frame, size);
    return null;
  }

  /** What a refusal comes to. @throws {ApiError} the refusal, where the same request would be refused again */
  #refused(error: ApiError): Ended {
    const reason = `the server answered ${error.status}: ${error.message}`;
    const isOfCursor = error instanceof BadParametersError && error.errors.some(({ parameter }) => parameter === "last_event_id");
    if (isOfCursor && this.#lastEventId !== null && this.#lastEventId !== this.#options.last_event_id) {
      // The server gave this id and does not know it any more: it went back to an earlier state.
      const [from_time, to_time] = [this.#heardTime, Date.now()];
      this.queue.push(
        { type: "gap", by: "client", id: null, from_time, to_time, request: this.#fillRequest(from_time, to_time) },
        LOST_SIZE,
      );
      this.#lastEventId = null;
      this.#from = null;
      return { reason, waitMs: 0 };
    }
    if (isFinal(error)) throw error;
    return { reason, waitMs: error.retryAfterMs, error };
  }

  #fillRequest(from: number | null, to: number): string {
    return fillRequest(this.#filter === null ? [] : [this.#filter], from, to);
  }
}

/** @throws {UnauthorizedError} where the key was revoked or has expired */
function closedBy(code: number, reason: string): Ended {
  if (code === NOT_ALLOWED) throw new UnauthorizedError({ status: 401, problem: { code: "unauthorized", detail: reason } });
  const waitMs = code === RESTART ? Math.round(Math.random() * RESTART_SPREAD_MS) : (CLOSE_WAITS[code] ?? null);
  return { reason: `${reason} (${code})`, waitMs };
}

/** Whether the same request would be refused again. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return false;
  return error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429;
}
