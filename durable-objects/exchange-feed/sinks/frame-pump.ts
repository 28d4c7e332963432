import { MAX_WAIT_MS, fullJitter } from "../../../src/backoff.ts";
import type { Config } from "../../../src/config.ts";
import type { RawFramesStatus } from "../../../src/feed-status.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { Sink } from "../../../src/sink.ts";
import type { FrameLog, FrameSpan } from "../journal/frame-log.ts";
import type { Journal } from "../journal/journal.ts";
import { SavedProgress } from "./saved-progress.ts";
import { messageOf } from "../../../src/message-of.ts";
import { writeLog } from "../../../src/log.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Key of the progress, beside those of the sinks. */
const NAME = "raw_frames";
const RETRY = { baseMs: 2_000, capMs: MAX_WAIT_MS };
/** Maximum number of files per round: those of a day without the store. */
const MAX_FILES_PER_ROUND = 24;

interface Progress {
  /** The last journal row whose frame is stored. */
  readonly sequence: number;
  readonly files_stored: number;
  readonly frames_stored: number;
  readonly failures: number;
  readonly next_time: number;
  readonly last_success_time: number | null;
  readonly last_error: string | null;
  readonly last_error_time: number | null;
}

const NOTHING_STORED: Progress = {
  sequence: 0,
  files_stored: 0,
  frames_stored: 0,
  failures: 0,
  next_time: 0,
  last_success_time: null,
  last_error: null,
  last_error_time: null,
};

interface Dependencies<Env> {
  readonly env: Env;
  readonly config: Config;
  readonly sinks: readonly Sink<Env>[];
  readonly sql: VenueSql;
  readonly exchange: ExchangeName;
  readonly epoch: number;
  readonly journal: Journal;
  readonly frames: FrameLog;
  readonly now: () => number;
  readonly random: () => number;
}

/** Writes the raw frames of each hour to the store that keeps them, with durable progress. */
export class FramePump<Env> {
  readonly #deps: Dependencies<Env>;
  readonly #sink: Sink<Env> | undefined;
  readonly #saved: SavedProgress<Progress>;
  #running: Promise<void> | null = null;
  #retired = false;

  constructor(deps: Dependencies<Env>) {
    this.#deps = deps;
    this.#sink = deps.sinks.find(({ writeFrames }) => writeFrames !== undefined);
    this.#saved = new SavedProgress<Progress>(deps, NAME, (saved) => ({ ...NOTHING_STORED, ...saved }));
  }

  /** Null where raw frames are kept, otherwise the reason why they are not, for people. */
  get off(): string | null {
    const { env, config } = this.#deps;
    if (config.LIQUIDATION_RAW_RETENTION_DAYS === 0) return "LIQUIDATION_RAW_RETENTION_DAYS is 0";
    return this.#sink === undefined ? "no sink keeps raw frames" : this.#sink.off(env, config);
  }

  /** The last journal row that need not be kept for its frame. */
  get storedSequence(): number {
    return this.off === null ? this.#saved.current.sequence : this.#deps.journal.total;
  }

  /** No more rows will come: the running hour is over. */
  retire(): void {
    this.#retired = true;
  }

  /** Stores the frames of every hour that is over. Never throws and never runs twice at once. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  status(): RawFramesStatus {
    const { frames } = this.#deps;
    const { files_stored, frames_stored, last_success_time, last_error, last_error_time, failures, next_time } = this.#saved.current;
    return {
      off_reason: this.off,
      files_stored,
      frames_stored,
      oldest_unstored_time: this.off === null ? frames.oldestAfter(this.#saved.current.sequence) : null,
      last_success_time,
      last_error,
      last_error_time,
      next_attempt_time: this.off === null && failures > 0 ? next_time : null,
    };
  }

  async #round(): Promise<void> {
    const { now, frames } = this.#deps;
    const wait = this.#saved.current.next_time - now();
    // A wait longer than any means that the clock went back.
    if (this.off !== null || (wait > 0 && wait <= MAX_WAIT_MS)) return;
    for (let files = 0; files < MAX_FILES_PER_ROUND; files += 1) {
      const span = frames.next(this.#saved.current.sequence, this.#retired ? Number.POSITIVE_INFINITY : now());
      if (span === null || !(await this.#store(span))) return;
    }
  }

  /** @returns whether it is stored, so that the next one may follow */
  async #store({ lastSequence, ...span }: FrameSpan): Promise<boolean> {
    const { env, exchange, epoch, now, random } = this.#deps;
    try {
      if (span.lines.length > 0) await this.#sink?.writeFrames?.(env, { exchange, epoch, ...span });
    } catch (cause) {
      const error = messageOf(cause);
      const failures = this.#saved.current.failures + 1;
      this.#saved.save({ failures, next_time: now() + fullJitter(failures, RETRY, random), last_error: error, last_error_time: now() });
      writeLog("warn", { event: "raw_frames_failed", exchange, failures, error });
      return false;
    }
    this.#saved.save({
      sequence: lastSequence,
      files_stored: this.#saved.current.files_stored + Math.min(1, span.lines.length),
      frames_stored: this.#saved.current.frames_stored + span.lines.length,
      failures: 0,
      last_success_time: now(),
    });
    return true;
  }
}
