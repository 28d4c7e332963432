import { writeLog } from "../src/log.ts";
import { messageOf } from "../src/message-of.ts";
import { type PlatformFault, platformFaultOf } from "../src/platform-fault.ts";
import { DAY_MS, MINUTE_MS } from "../src/windows/calendar.ts";
import { within } from "../src/within.ts";

/** Faults of one kind in a row, without a success between, after which an object starts afresh. */
const MAX_FAULTS = 5;
/** An object that has just started does not do so again: where that does not help, it would do nothing else. */
const MIN_LIFE_MS = 2 * MINUTE_MS;
/** The storage may be what is broken. */
const NOTE_MS = 1_000;
/** Time for which a warning says that an object started afresh. */
const WARNED_MS = DAY_MS;

const KEY = "self_restart";

/** A restart of an object by itself; times in ms. */
interface Restart {
  readonly time: number;
  readonly error: string;
  /** Number since the object was created. */
  readonly count: number;
}

/** The storage of an object, as far as it notes a restart. */
export interface RestartStorage {
  readonly kv: {
    get<Value>(key: string): Value | undefined;
    put<Value>(key: string, value: Value): void;
  };
  sync(): Promise<void>;
}

interface Dependencies {
  /** Name of the class, for the log. */
  readonly object: string;
  /** Ends the object; the next call or alarm starts it again. */
  readonly abort: (reason: string) => void;
  readonly storage: RestartStorage;
  readonly now: () => number;
}

/**
 * Starts an object afresh after faults of the platform that do not go away, such as a spent limit of calls: its sockets,
 * promises and counters are new, and its storage is what it was. The same goes for work that never ends. A feed has a gap of
 * some seconds.
 */
export class SelfRestart {
  readonly #deps: Dependencies;
  readonly #faults = new Map<PlatformFault, number>();
  readonly #startedTime: number;
  #isRestarting = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#startedTime = deps.now();
  }

  /** Counts an error, or its message, if it is a fault of the platform. Never throws. */
  failed(error: unknown): void {
    const fault = platformFaultOf(error);
    if (fault === null) return;
    const count = (this.#faults.get(fault) ?? 0) + 1;
    this.#faults.set(fault, count);
    const isYoung = this.#deps.now() - this.#startedTime < MIN_LIFE_MS;
    if (count >= MAX_FAULTS && !isYoung && !this.#isRestarting)
      void this.#restart(messageOf(error), `${MAX_FAULTS} faults in a row: ${messageOf(error)}`);
  }

  /** Starts afresh for what hangs for good, of which no error tells. Never throws. */
  hangs(what: string): void {
    if (!this.#isRestarting) void this.#restart(what, what);
  }

  /** What would have failed by these faults did not. */
  succeeded(...faults: readonly PlatformFault[]): void {
    for (const fault of faults) this.#faults.delete(fault);
  }

  /** Makes a call of another service, and counts its failure. */
  async watch<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      const result = await call();
      this.succeeded("calls", "foreign_io");
      return result;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** For the operator; empty where the object did not restart itself within a day. */
  get warnings(): readonly string[] {
    const last = this.#last();
    if (last === null || this.#deps.now() - last.time >= WARNED_MS) return [];
    return [`The object restarted itself at ${new Date(last.time).toISOString()} (${last.count} in all), because of: ${last.error}`];
  }

  async #restart(error: string, reason: string): Promise<void> {
    this.#isRestarting = true;
    const { abort, now, object, storage } = this.#deps;
    writeLog("error", { event: "self_restart", object, error });
    try {
      storage.kv.put<Restart>(KEY, { time: now(), error, count: (this.#last()?.count ?? 0) + 1 });
      await within(NOTE_MS, () => storage.sync());
    } catch (cause) {
      writeLog("error", { event: "self_restart_not_noted", object, error: messageOf(cause) });
    }
    abort(`${object} starts afresh after ${reason}`);
  }

  #last(): Restart | null {
    return this.#deps.storage.kv.get<Restart>(KEY) ?? null;
  }
}
