import { cursorText } from "../../src/stream/cursor.ts";
import { type CloseCode, closeReason } from "../../src/stream/close-codes.ts";
import { fillRequest } from "../../src/stream/fill-request.ts";
import { passes } from "../../src/stream/filter.ts";
import type { Beat, SkippedFrames, SymbolTotals } from "../../src/stream/frames.ts";
import { wantedTotals } from "../../src/stream/hello-frame.ts";
import type { HubBeat } from "../../src/stream/relay-protocol.ts";
import {
  BYTES_PER_BEAT,
  MAX_HELD_BYTES,
  acknowledged,
  held,
  isRecovered,
  isSlow,
  sent,
  sentBeat,
  skip,
  tooSlow,
} from "../../src/stream/slow-client.ts";
import { encodeFrame } from "../../src/stream/transport.ts";
import type { RelayClient } from "./relay-client.ts";
import type { RelayCounts } from "./relay-stats.ts";
import type { TailFrame } from "./relay-tail.ts";

/** A frame that is not logged. */
interface MadeFrame {
  readonly type: string;
  readonly id?: string | number | null;
}

interface Dependencies {
  readonly counts: RelayCounts;
  readonly now: () => number;
  readonly closed: (client: RelayClient) => void;
  /** Sends a client what it was not sent, where that is still in memory. @returns whether it is being sent */
  readonly resume: (client: RelayClient) => boolean;
}

/** Frames as one group of clients gets them: selected once, and encoded once for each transport. */
export interface Selection {
  readonly frames: readonly TailFrame[];
  readonly texts: readonly string[];
  /** All of them in one text. */
  readonly sse: string;
  readonly bytes: number;
}

/** Sends frames to sockets, and decides what becomes of a client that does not read them. */
export class RelaySender {
  readonly #deps: Dependencies;
  /** What the hub said last, for the beats between its own. */
  #beat: HubBeat = { time: 0, through: null, gaps: [] };

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Sends the frames of a selection that the client does not have; `to` is the sequence it then has everything up to. */
  deliver(client: RelayClient, epoch: string, selection: Selection, to: number): void {
    const [first] = selection.frames;
    const isPartly = first !== undefined && first.sequence <= client.delivered;
    const own = isPartly ? select(selection.frames.filter(({ sequence }) => sequence > client.delivered)) : selection;
    if (own.frames.length === 0) {
      if (client.reading.skipped === null) client.delivered = Math.max(client.delivered, to);
      return;
    }
    if (this.#mustSkip(client, epoch)) {
      this.#skip(client, own.frames, epoch);
      return;
    }
    if (client.request.transport === "sse") this.#send(client, own.sse);
    else for (const text of own.texts) this.#send(client, text);
    client.reading = sent(client.reading, own.bytes);
    client.delivered = Math.max(client.delivered, to);
    this.#deps.counts.noteFrames(own.frames.length, this.#deps.now());
    this.#askToAcknowledge(client, epoch);
  }

  /** Sends a frame that is not logged, to a client that reads. */
  say(client: RelayClient, frame: MadeFrame): void {
    const json = JSON.stringify(frame);
    // Only ids of the stream are places in it.
    const id = typeof frame.id === "string" && frame.type !== "answer" && frame.type !== "error" ? frame.id : null;
    const text = encodeFrame(client.request.transport, frame.type, id, json);
    this.#send(client, text);
    client.reading = sent(client.reading, text.length);
  }

  sayTotals(client: RelayClient, totals: readonly SymbolTotals[], time: number): void {
    if (client.reading.skipped !== null) return;
    const filters = client.filters.filter(({ channels }) => channels.includes("totals"));
    const data = totals.filter((one) => filters.some((filter) => wantedTotals([one], filter).length > 0));
    if (data.length > 0) this.say(client, { type: "totals", time, data } as MadeFrame);
  }

  /** Notes what the hub says, and passes it on to one client after another with `sayBeat`. */
  noteBeat(beat: HubBeat): void {
    this.#beat = beat;
  }

  sayBeat(client: RelayClient, epoch: string): void {
    const { gaps } = this.#beat;
    // A client that was not sent everything yet must not read that it was.
    const through = client.isLive && client.reading.skipped === null ? this.#beat.through : null;
    const sequence = client.delivered;
    const n = client.reading.beats + 1;
    const beat: Beat = { type: "beat", id: cursorText({ epoch, sequence }), time: this.#deps.now(), through, gaps, n };
    const text = encodeFrame(client.request.transport, beat.type, beat.id, JSON.stringify(beat));
    this.#send(client, text);
    client.reading = sentBeat(client.reading, text.length, this.#deps.now());
  }

  /** The client read a beat. @returns false where it was not sent such a beat */
  acknowledge(client: RelayClient, epoch: string, beat: number, head: number): boolean {
    const reading = acknowledged(client.reading, beat);
    if (reading === null) return false;
    client.reading = reading;
    if (isRecovered(reading, client.unread) && !this.#deps.resume(client)) {
      this.#saySkipped(client, epoch);
      client.delivered = Math.max(client.delivered, head);
      client.save(epoch);
    }
    return true;
  }

  /** Closes the client where it reads too slowly. @returns whether it did */
  closeIfSlow(client: RelayClient, epoch: string): boolean {
    const reason = tooSlow(client.reading, client.unread, this.#deps.now());
    if (reason !== null) this.closeSlow(client, epoch, reason);
    return reason !== null;
  }

  closeSlow(client: RelayClient, epoch: string, reason: string): void {
    this.#saySkipped(client, epoch);
    this.close(client, 4003, reason);
  }

  /** Where the clients hold too much together, the slowest are closed, so that the others stay. */
  relieve(clients: Iterable<RelayClient>, epoch: string): void {
    const now = this.#deps.now();
    let sum = 0;
    const slow: { readonly client: RelayClient; readonly bytes: number }[] = [];
    for (const client of clients) {
      const bytes = held(client.reading, client.unread, now);
      if (bytes === 0) continue;
      sum += bytes;
      slow.push({ client, bytes });
    }
    if (sum <= MAX_HELD_BYTES) return;
    for (const { client, bytes } of slow.toSorted((a, b) => b.bytes - a.bytes)) {
      if (sum <= MAX_HELD_BYTES) return;
      sum -= bytes;
      this.closeSlow(client, epoch, "the slow clients of this relay hold more than 32 MB, and this is the slowest");
    }
  }

  close(client: RelayClient, code: CloseCode, detail: string): void {
    this.#deps.counts.noteClose(code);
    if (client.request.transport === "sse") this.say(client, { type: "closed", code, reason: detail } as MadeFrame);
    try {
      client.socket.close(code, closeReason(detail));
    } catch {
      // It is closed already: its client went at the same time.
    }
    this.#deps.closed(client);
  }

  #mustSkip(client: RelayClient, epoch: string): boolean {
    if (client.reading.skipped !== null) return true;
    if (!isSlow(client.unread)) return false;
    if (client.request.slow === "skip") return true;
    this.closeSlow(client, epoch, "more than 256 kB was not read, and slow=close was asked for");
    return true;
  }

  #skip(client: RelayClient, frames: readonly TailFrame[], epoch: string): void {
    const now = this.#deps.now();
    const isNew = client.reading.skipped === null;
    for (const frame of frames) client.reading = skip(client.reading, frame, now);
    if (isNew) client.save(epoch);
  }

  #saySkipped(client: RelayClient, epoch: string): void {
    const { skipped } = client.reading;
    if (skipped === null) return;
    client.reading = { ...client.reading, skipped: null };
    this.#deps.counts.noteSkipped(skipped.count, this.#deps.now());
    const [from_id, to_id] = [skipped.from, skipped.to].map((sequence) => cursorText({ epoch, sequence }));
    const request = fillRequest(client.filters, skipped.first_time, skipped.last_time);
    const frame: SkippedFrames = {
      type: "skipped",
      id: to_id ?? "",
      from_id: from_id ?? "",
      to_id: to_id ?? "",
      count: skipped.count,
      request,
    };
    this.say(client, frame);
    client.delivered = Math.max(client.delivered, skipped.to);
  }

  #askToAcknowledge(client: RelayClient, epoch: string): void {
    const { unread, waiting } = client.reading;
    const sinceBeat = unread - (waiting.at(-1)?.[1] ?? 0);
    if (sinceBeat >= BYTES_PER_BEAT && waiting.length < 32) this.sayBeat(client, epoch);
  }

  #send({ socket }: RelayClient, text: string): void {
    try {
      socket.send(text);
    } catch {
      // The client is gone; the runtime calls `webSocketClose` or `webSocketError` for it.
    }
  }
}

/** The frames that pass one of the filters. */
export function selectFor(client: RelayClient, frames: readonly TailFrame[]): Selection {
  const { filters } = client;
  return select(frames.filter((frame) => filters.some((filter) => passes(filter, frame))));
}

function select(frames: readonly TailFrame[]): Selection {
  const texts = frames.map(({ text }) => text);
  let sse: string | null = null;
  return {
    frames,
    texts,
    get sse() {
      sse ??= frames.map(({ kind, id, text }) => encodeFrame("sse", kind, id, text)).join("");
      return sse;
    },
    bytes: texts.reduce((sum, text) => sum + text.length, 0),
  };
}
