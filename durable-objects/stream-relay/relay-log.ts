import { type StreamCursor, cursorText } from "../../src/stream/cursor.ts";
import { type LogEntry, entryText } from "../../src/stream/log-entry.ts";
import type { LogPage } from "../../src/stream/relay-protocol.ts";
import type { FrameRange } from "./relay-opening.ts";
import { KEPT_FRAMES, RelayTail, type TailFrame } from "./relay-tail.ts";

/** Frames that a client that catches up is sent at once. */
const FRAMES_AT_ONCE = 250;

interface Dependencies {
  /** A page of the hub's log. May throw. */
  readonly read: (after: number) => Promise<LogPage>;
  /** The frames that follow the last ones; the relay then has everything up to its place. */
  readonly deliver: (frames: readonly TailFrame[]) => void;
  /**
   * The frames before the place of the relay are missing: the log was lost, or no longer has them.
   * @param lastTime when the last frame before them was logged, ms; null where it is not known
   */
  readonly missed: (lastTime: number | null) => void;
}

/** Where a relay is in the hub's log. It takes what follows in order, and keeps the last frames for clients that catch up. */
export class RelayLog {
  readonly #deps: Dependencies;
  #place: StreamCursor | null = null;
  #tail = new RelayTail(0);
  #lastTime: number | null = null;
  /** What is taken waits for what was to be taken before. */
  #order: Promise<unknown> = Promise.resolve();
  #extending: Promise<void> | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The last frame that the relay has; null before it was attached. */
  get known(): StreamCursor | null {
    return this.#place;
  }

  /** @throws {RangeError} before the relay was attached */
  get place(): StreamCursor {
    if (this.#place === null) throw new RangeError("the relay is not attached");
    return this.#place;
  }

  begin(place: StreamCursor): void {
    this.#place = place;
    this.#tail = new RelayTail(place.sequence);
  }

  /** Runs when everything that was to be taken before is taken. */
  inOrder<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#order.then(run, run);
    this.#order = result.catch(() => undefined);
    return result;
  }

  /** Takes a page, and before it what lies between the place of the relay and its beginning. Call it in order. */
  async take({ epoch, after, to, entries }: LogPage): Promise<void> {
    if (this.#place === null) this.begin({ epoch, sequence: after });
    if (this.place.epoch !== epoch) this.#miss({ epoch, sequence: 0 });
    while (this.place.sequence < after) {
      const page = await this.#deps.read(this.place.sequence);
      if (page.to <= this.place.sequence) break;
      if (page.after > this.place.sequence) this.#miss({ epoch: this.place.epoch, sequence: page.after });
      this.#add(page.entries, page.to);
    }
    this.#add(entries, to);
  }

  /** Takes the log up to a place that the hub named, unless a push has begun another log since it was asked. */
  follow(known: string, { epoch, sequence }: StreamCursor): Promise<void> {
    return this.inOrder(async () => {
      if (this.place.epoch === known || this.place.epoch === epoch) await this.take({ epoch, after: sequence, to: sequence, entries: [] });
    });
  }

  /** Whether the frames after a sequence are in memory. */
  holds(after: number): boolean {
    return after >= this.#tail.from;
  }

  /** The frames after a sequence: those in memory, else those of the log. May throw. */
  async read(after: number): Promise<FrameRange> {
    if (this.#tail.isNear(after)) await (this.#extending ??= this.#extend());
    const held = this.#tail.read(after, FRAMES_AT_ONCE);
    if (held !== null) return { after, to: held.at(-1)?.sequence ?? after, frames: held };
    const known = this.place.epoch;
    const page = await this.#deps.read(after);
    // The log was lost: the reader sees it by the place of the relay.
    if (page.epoch !== known) await this.follow(known, { epoch: page.epoch, sequence: 0 });
    return { after: page.after, to: page.to, frames: framesOf(page.epoch, page.entries) };
  }

  /** Reads the frames before those in memory once, for all clients that come back after the relay has started again. */
  async #extend(): Promise<void> {
    const [tail, { epoch }] = [this.#tail, this.place];
    const frames: TailFrame[] = [];
    let [after, to] = [tail.from, tail.from];
    try {
      for (after = to = Math.max(0, tail.from - KEPT_FRAMES); to < tail.from;) {
        const page = await this.#deps.read(to);
        if (page.epoch !== epoch || page.to <= to) return;
        // The log was cut meanwhile.
        if (page.after > to) after = page.after;
        frames.push(...framesOf(epoch, page.entries));
        to = page.to;
      }
      tail.putBefore(frames, after);
    } finally {
      this.#extending = null;
    }
  }

  #miss(place: StreamCursor): void {
    this.begin(place);
    this.#deps.missed(this.#lastTime);
  }

  #add(entries: readonly LogEntry[], to: number): void {
    const { epoch, sequence } = this.place;
    if (to <= sequence) return;
    const frames = framesOf(
      epoch,
      entries.filter((entry) => entry.sequence > sequence),
    );
    this.#place = { epoch, sequence: to };
    this.#tail.add(frames);
    this.#lastTime = frames.at(-1)?.time ?? this.#lastTime;
    this.#deps.deliver(frames);
  }
}

function framesOf(epoch: string, entries: readonly LogEntry[]): readonly TailFrame[] {
  return entries.map((entry) => ({ ...entry, id: cursorText({ epoch, sequence: entry.sequence }), text: entryText(epoch, entry) }));
}
