import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import type { SymbolTotals } from "../../src/stream/frames.ts";
import type { HubBeat, PushAnswer, RelayPush } from "../../src/stream/relay-protocol.ts";
import type { ObjectMemory } from "../object-memory.ts";
import type { StreamLog } from "./stream-log.ts";

/** Time between two pushes, ms, unless a whole push of rows waits. */
const COALESCE_MS = 100;
const PUSH_ROWS = 50;
/** More rows at once where a relay has fallen behind. */
const CATCH_UP_ROWS = 500;
const TOTALS_MS = 1_000;
/** A relay that answers nothing for this long has no clients: its sockets are gone with it. */
const GIVE_UP_MS = 10 * 60_000;

export interface FanoutDependencies {
  /** May throw: the push is sent again. */
  push(relay: string, push: RelayPush): Promise<PushAnswer>;
  totals(now: number): readonly SymbolTotals[];
  now(): number;
}

interface Relay {
  readonly name: string;
  /** Sequence up to which the relay has everything; null where this is not known. */
  acked: number | null;
  isBusy: boolean;
  wantsTotals: boolean;
  /** When it was last sent totals, ms. */
  totalsTime: number;
  /** A beat to pass on. */
  beat: HubBeat | null;
  failingSince: number | null;
}

/**
 * Sends the log to the relays that have clients, each from where it last answered, so that a push that fails is sent
 * again. A relay compares the place of each push with its own.
 */
export class StreamFanout {
  readonly #log: StreamLog;
  readonly #memory: ObjectMemory;
  readonly #deps: FanoutDependencies;
  readonly #relays = new Map<string, Relay>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #flushTime = 0;
  #flushed = 0;
  /** When totals last changed, ms. */
  #changedTime = 0;

  constructor(log: StreamLog, memory: ObjectMemory, deps: FanoutDependencies) {
    this.#log = log;
    this.#memory = memory;
    this.#deps = deps;
    const known = memory.read("stream_relays");
    for (const name of Array.isArray(known) ? (known as readonly string[]) : []) this.#relays.set(name, newRelay(name, null));
  }

  get names(): readonly string[] {
    return [...this.#relays.keys()];
  }

  /** A relay has a client and knows the log up to its head. */
  attach(name: string): void {
    const isNew = !this.#relays.has(name);
    this.#relays.set(name, newRelay(name, this.#log.extent.head));
    if (isNew) this.#remember();
  }

  /** New rows were logged: they are pushed at once where nothing was for a while, else together with what follows. */
  poke(): void {
    this.#changedTime = this.#deps.now();
    if (this.#relays.size === 0) return;
    const waited = this.#deps.now() - this.#flushTime;
    const isFull = this.#log.extent.head - this.#flushed >= PUSH_ROWS;
    if (isFull && this.#timer !== null) this.#clear();
    this.#timer ??= setTimeout(() => this.flush(), isFull || waited < 0 ? 0 : Math.max(0, COALESCE_MS - waited));
  }

  beat(beat: HubBeat): void {
    for (const relay of this.#relays.values()) relay.beat = beat;
    // Windows move on without liquidations too.
    this.#changedTime = beat.time;
    this.flush();
  }

  flush(): void {
    this.#clear();
    this.#flushTime = this.#deps.now();
    this.#flushed = this.#log.extent.head;
    for (const relay of this.#relays.values()) if (!relay.isBusy) void this.#send(relay);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #send(relay: Relay): Promise<void> {
    relay.isBusy = true;
    try {
      while (this.#relays.get(relay.name) === relay) {
        const push = this.#next(relay);
        if (push === null) break;
        const answer = await this.#deps.push(relay.name, push);
        if (relay.beat === push.beat) relay.beat = null;
        relay.acked = answer.last;
        relay.wantsTotals = answer.wantsTotals;
        relay.failingSince = null;
        if (answer.clients === 0) this.#detach(relay);
      }
    } catch (error) {
      this.#failed(relay, messageOf(error));
    } finally {
      relay.isBusy = false;
    }
  }

  /** What the relay does not have; null where it has everything. */
  #next(relay: Relay): RelayPush | null {
    const { extent, epoch } = this.#log;
    const totals = this.#totalsFor(relay);
    if (relay.acked === null) {
      // After a restart: the relay knows where it is, and asks for what lies between.
      if (relay.beat === null && extent.head === 0) return null;
      return { epoch, after: extent.head, to: extent.head, entries: [], beat: relay.beat, totals };
    }
    if (relay.acked >= extent.head && relay.beat === null && totals === null) return null;
    const rows = extent.head - relay.acked > PUSH_ROWS ? CATCH_UP_ROWS : PUSH_ROWS;
    const page = this.#log.read(relay.acked, rows);
    // The beat speaks of everything before it.
    const isLast = page.to >= extent.head;
    return { ...page, beat: isLast ? relay.beat : null, totals };
  }

  /** Null where they are not wanted, did not change, or were sent within the last second. */
  #totalsFor(relay: Relay): readonly SymbolTotals[] | null {
    const now = this.#deps.now();
    if (!relay.wantsTotals || relay.totalsTime > this.#changedTime) return null;
    const wait = relay.totalsTime + TOTALS_MS - now;
    if (wait > 0) {
      this.#timer ??= setTimeout(() => this.flush(), Math.min(wait, TOTALS_MS));
      return null;
    }
    relay.totalsTime = now + 1;
    return this.#deps.totals(now);
  }

  #failed(relay: Relay, error: string): void {
    const now = this.#deps.now();
    relay.failingSince ??= now;
    writeLog("error", { event: "stream_push_failed", relay: relay.name, error });
    if (now - relay.failingSince >= GIVE_UP_MS) this.#detach(relay);
    else this.#timer ??= setTimeout(() => this.flush(), 10 * COALESCE_MS);
  }

  #detach(relay: Relay): void {
    if (this.#relays.get(relay.name) !== relay) return;
    this.#relays.delete(relay.name);
    this.#remember();
  }

  #remember(): void {
    this.#memory.write("stream_relays", this.names);
  }
}

function newRelay(name: string, acked: number | null): Relay {
  return { name, acked, isBusy: false, wantsTotals: false, totalsTime: 0, beat: null, failingSince: null };
}
