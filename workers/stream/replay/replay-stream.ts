import { type LogEntry, liquidationEntry } from "../../../src/stream/log-entry.ts";
import { cursorText } from "../../../src/stream/cursor.ts";
import { fillRequest } from "../../../src/stream/fill-request.ts";
import { type StreamFilter, passes } from "../../../src/stream/filter.ts";
import type { Live, StreamGap } from "../../../src/stream/frames.ts";
import { helloFrame, snapshotFrame } from "../../../src/stream/hello-frame.ts";
import { BEAT_MS } from "../../../src/stream/limits.ts";
import type { LogPage, StreamPicture } from "../../../src/stream/relay-protocol.ts";
import { MAX_AHEAD_MS } from "../../../src/lateness.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { ReplayClock } from "./replay-clock.ts";
import type { ReplaySink } from "./replay-sink.ts";
import type { StoredPart } from "./stored-liquidations.ts";

/** The clocks of two objects differ by less than this, ms. */
const CLOCKS_MS = MINUTE_MS;
/** A liquidation reaches the log within this time of its receipt, ms, or it may be sent from a store and from the log. */
const LATE_MS = HOUR_MS;
const MAX_WAIT_MS = 1_000;

export interface ReplayRequest {
  /** ms */
  readonly from: number;
  readonly speed: number;
  readonly filter: StreamFilter;
}

export interface ReplayDependencies {
  readonly picture: () => Promise<StreamPicture>;
  readonly read: (after: number) => Promise<LogPage>;
  /** The sequence after which all frames were logged at a time or later, ms. */
  readonly before: (time: number) => Promise<number>;
  readonly stored: (range: TimeRange) => AsyncIterable<StoredPart>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Sends what happened since a time, at the pace of a clock, until that clock has caught up with the present: from the stores
 * as far as the stream's log does not reach back, and then from the log itself, with the same frames in the same order. The
 * stores are read beyond the beginning of the log, and what they had is not sent from the log again, so that nothing is
 * missed or repeated where the two meet.
 * @returns the id of the last frame, to continue live after; null where the client went
 */
export async function replay(deps: ReplayDependencies, request: ReplayRequest, sink: ReplaySink): Promise<string | null> {
  return new Replay(deps, request, sink).run();
}

class Replay {
  readonly #deps: ReplayDependencies;
  readonly #request: ReplayRequest;
  readonly #sink: ReplaySink;
  readonly #clock: ReplayClock;
  #epoch = "";
  #sequence = 0;
  /** Whether all that the stores have was sent. Before that no place in the log says what the client has. */
  #isInLog = false;
  #beatTime: number;
  /** Ids of liquidations from the stores that the log may have too. */
  readonly #stored = new Set<string>();

  constructor(deps: ReplayDependencies, request: ReplayRequest, sink: ReplaySink) {
    this.#deps = deps;
    this.#request = request;
    this.#sink = sink;
    this.#clock = new ReplayClock(request.from, request.speed, deps.now);
    this.#beatTime = deps.now();
  }

  async run(): Promise<string | null> {
    const { now, picture, before } = this.#deps;
    const { filter, from } = this.#request;
    const first = await picture();
    this.#epoch = first.extent.epoch;
    // What is received from here on is logged.
    const logged = (first.oldest_time ?? now()) + CLOCKS_MS;
    const isStored = from < logged;
    this.#sequence = isStored ? first.extent.from : await before(from - CLOCKS_MS);
    this.#isInLog = !isStored;
    const notices = isStored ? storedNotices(filter, Math.min(logged, now())) : [];
    const hello = helloFrame(first, { filter, resumed: "none", replay: true, id: this.#place, time: now(), notices });
    // Without an id of the transport: a browser that connects again here begins again.
    if (!(await this.#sink.send(hello.type, null, JSON.stringify(hello)))) return null;
    if (isStored && !(await this.#fromStores(logged))) return null;
    this.#isInLog = true;
    if (!(await this.#fromLog())) return null;
    const live: Live = { type: "live", id: this.#cursor, time: now() };
    if (!(await this.#sink.send(live.type, live.id, JSON.stringify(live)))) return null;
    const snapshot = snapshotFrame(await picture(), filter);
    return (await this.#sink.send(snapshot.type, null, JSON.stringify(snapshot))) ? this.#cursor : null;
  }

  get #cursor(): string {
    return cursorText({ epoch: this.#epoch, sequence: this.#sequence });
  }

  /** Where the client can continue; null where it has to start again. */
  get #place(): string | null {
    return this.#isInLog ? this.#cursor : null;
  }

  /** The liquidations that were received before a moment, ms. @returns whether the client is still there */
  async #fromStores(receivedBefore: number): Promise<boolean> {
    const { from, filter } = this.#request;
    for await (const part of this.#deps.stored({ start: from, end: receivedBefore + MAX_AHEAD_MS })) {
      this.#beatIfDue();
      if (part.kind === "missing") {
        if (!(await this.#missing(part.range.start, part.range.end - 1))) return false;
        continue;
      }
      for (const row of part.rows) {
        const entry = liquidationEntry(row);
        if (row.received_time >= receivedBefore || !passes(filter, entry)) continue;
        if (row.received_time >= receivedBefore - LATE_MS) this.#stored.add(row.event_id);
        if (!(await this.#until(row.event_time))) return false;
        if (!(await this.#sink.send("liquidation", null, `{"type":"liquidation","replayed":true,${entry.body}}`))) return false;
      }
    }
    return true;
  }

  /** The frames of the log until the clock shows the present. @returns whether the client is still there */
  async #fromLog(): Promise<boolean> {
    while (this.#sink.isOpen) {
      const page = await this.#next();
      if (page === null) return false;
      for (const entry of page.entries) {
        if (this.#isWanted(entry)) {
          if (!(await this.#until(entry.time))) return false;
          const id = cursorText({ epoch: page.epoch, sequence: entry.sequence });
          const json = `{"type":"${entry.kind}","id":"${id}","replayed":true,${entry.body}}`;
          if (!(await this.#sink.send(entry.kind, id, json))) return false;
        }
        this.#sequence = entry.sequence;
      }
      if (page.entries.length > 0) continue;
      if (this.#clock.isPresent) return true;
      await this.#wait(MAX_WAIT_MS);
    }
    return false;
  }

  /** The next page of the log; a gap goes before it where it does not follow on. Null where the client went. */
  async #next(): Promise<LogPage | null> {
    const { read, now } = this.#deps;
    this.#beatIfDue();
    let page = await read(this.#sequence);
    const isLost = page.epoch !== this.#epoch;
    // A sequence of the log that was lost says nothing in the new one, which is read from its beginning.
    if (isLost) page = await read(0);
    if (!isLost && page.after <= this.#sequence) return page;
    this.#epoch = page.epoch;
    this.#sequence = page.after;
    return (await this.#missing(this.#clock.time, page.entries[0]?.time ?? now())) ? page : null;
  }

  #isWanted(entry: LogEntry): boolean {
    const { filter, from } = this.#request;
    if (!passes(filter, entry)) return false;
    if (entry.kind !== "liquidation") return entry.time >= from;
    return entry.event_time >= from && !this.#stored.has(entry.key);
  }

  async #missing(from_time: number, to_time: number): Promise<boolean> {
    const request = fillRequest([this.#request.filter], Math.floor(from_time), to_time);
    const gap: StreamGap = { type: "gap", id: this.#place, from_time: Math.floor(from_time), to_time, request };
    return this.#sink.send(gap.type, gap.id, JSON.stringify(gap));
  }

  /** Waits until the clock shows a time. @returns whether the client is still there */
  async #until(time: number): Promise<boolean> {
    for (let wait = this.#clock.waitFor(time); wait >= 1 && this.#sink.isOpen; wait = this.#clock.waitFor(time)) {
      await this.#wait(Math.min(wait, MAX_WAIT_MS));
    }
    return this.#sink.isOpen;
  }

  async #wait(ms: number): Promise<void> {
    this.#beatIfDue();
    await this.#deps.sleep(ms);
  }

  #beatIfDue(): void {
    const now = this.#deps.now();
    if (now - this.#beatTime < BEAT_MS) return;
    this.#beatTime = now;
    this.#sink.beat(this.#place);
  }
}

/** What the stores do not have of what the filter asks for. */
function storedNotices({ channels }: StreamFilter, logged: number): readonly string[] {
  const others = channels.filter((channel) => channel !== "liquidation");
  if (others.length === 0) return [];
  return [`Before ${new Date(logged).toISOString()} the replay has liquidations alone, without ${others.join(", ")}.`];
}
