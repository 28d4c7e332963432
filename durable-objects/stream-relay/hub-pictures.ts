import type { StreamCursor } from "../../src/stream/cursor.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { within } from "../../src/within.ts";
import type { StreamPicture } from "../../src/stream/relay-protocol.ts";

/** A picture of the market serves all clients that come within this time, ms. */
const PICTURE_MS = 1_000;
/** Contracts and states of venues may be this old where a client subscribes, ms. */
const RECENT_MS = 60_000;
/** How long a subscription waits for the hub, ms, and for how long none waits once one has waited in vain. */
const PATIENCE_MS = 2_000;
const UNANSWERED_MS = 10_000;
/** The hub beats every 10 s: without a push for this time, it may have forgotten the relay. */
const FORGOTTEN_MS = 30_000;

interface Dependencies {
  /** May throw, as `picture` may. */
  readonly attach: (relay: string) => Promise<StreamPicture>;
  readonly picture: () => Promise<StreamPicture>;
  /** Called with each picture's place, where a relay that has none begins. */
  readonly begin: (place: StreamCursor) => void;
  readonly now: () => number;
}

/** The hub's pictures for new clients. The first is that of attaching to the hub, which pushes from then on. */
export class HubPictures {
  readonly #deps: Dependencies;
  #last: { readonly time: number; readonly promise: Promise<StreamPicture> } | null = null;
  /** When the hub last pushed, or was last asked to, ms; 0 where it is to be asked. */
  #pushTime = 0;
  /** Until when no subscription asks the hub, ms. */
  #unansweredTime = 0;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The hub has pushed. */
  pushed(): void {
    this.#pushTime = this.#deps.now();
  }

  /** The hub pushes no longer, since the relay has no clients. */
  forget(): void {
    this.#pushTime = 0;
  }

  /** A picture that is not older than a second. May throw. */
  async now(relay: string): Promise<StreamPicture> {
    const { attach, begin, now, picture: ask } = this.#deps;
    const time = now();
    const isForgotten = time - this.#pushTime > FORGOTTEN_MS;
    if (this.#last === null || isForgotten || time - this.#last.time > PICTURE_MS) {
      if (isForgotten) this.#pushTime = time;
      this.#last = { time, promise: isForgotten ? attach(relay) : ask() };
    }
    const { promise } = this.#last;
    try {
      const picture = await promise;
      const { epoch, head } = picture.extent;
      begin({ epoch, sequence: head });
      // Attaching failed for another client meanwhile, so it is tried for this one.
      return this.#pushTime === 0 ? await this.now(relay) : picture;
    } catch (error) {
      if (this.#last?.promise === promise) this.#last = null;
      this.#pushTime = 0;
      throw error;
    }
  }

  /** A picture of the last minute, of a relay that the hub knows; null where the hub does not respond in time. Never throws. */
  async recent(): Promise<StreamPicture | null> {
    const time = this.#deps.now();
    if (time < this.#unansweredTime) return null;
    if (this.#last === null || time - this.#last.time > RECENT_MS) this.#last = { time, promise: this.#deps.picture() };
    const { promise } = this.#last;
    try {
      return await within(PATIENCE_MS, () => promise);
    } catch (error) {
      writeLog("warn", { event: "stream_picture_missing", error: messageOf(error) });
      this.#unansweredTime = this.#deps.now() + UNANSWERED_MS;
      if (this.#last?.promise === promise) this.#last = null;
      return null;
    }
  }

  /** A picture of now. May throw. */
  fresh(relay: string): Promise<StreamPicture> {
    this.#last = null;
    return this.now(relay);
  }
}
