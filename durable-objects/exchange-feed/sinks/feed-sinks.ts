import type { Config } from "../../../src/config.ts";
import type { FeedStatus } from "../../../src/feed-status.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import type { Sink, SinkName } from "../../../src/sink.ts";
import type { FrameLog } from "../journal/frame-log.ts";
import type { GapLog } from "../journal/gap-log.ts";
import type { ImpactLog } from "../journal/impact-log.ts";
import type { StoredBatches } from "../journal/journal-room.ts";
import type { Journal } from "../journal/journal.ts";
import type { MarkLog } from "../journal/mark-log.ts";
import type { RejectLog } from "../journal/reject-log.ts";
import { FramePump } from "./frame-pump.ts";
import { SinkPump } from "./sink-pump.ts";
import { StoreCheck } from "./store-check.ts";
import { messageOf } from "../../../src/message-of.ts";
import type { Log } from "../../../src/log.ts";
import { within, isTimeout } from "../../../src/within.ts";
import type { VenueSql } from "../venue-storage.ts";

/** More than a venue has base assets, several times over. */
const MAX_RUNNING_MARKS = 2_000;

interface Dependencies<Env> {
  readonly env: Env;
  readonly config: Config;
  readonly sinks: readonly Sink<Env>[];
  readonly sql: VenueSql;
  readonly exchange: ExchangeName;
  readonly epoch: number;
  readonly journal: Journal;
  readonly impacts: ImpactLog;
  readonly gaps: GapLog;
  readonly marks: MarkLog;
  readonly frames: FrameLog;
  readonly rejects: RejectLog;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
}

interface Route<Env> {
  readonly sink: Sink<Env>;
  readonly pump: SinkPump<Env>;
  readonly check: StoreCheck<Env>;
}

/** All sinks of a feed: the progress of each, and what the journal may delete. */
export class FeedSinks<Env> {
  readonly #deps: Dependencies<Env>;
  readonly #routes: readonly Route<Env>[];
  readonly #frames: FramePump<Env>;
  readonly #running = new Map<SinkName, Promise<void>>();
  /** Minutes of the mark price that are not over, for the next notes. */
  #runningMarks: readonly MinuteMark[] = [];

  constructor(deps: Dependencies<Env>) {
    this.#deps = deps;
    this.#routes = deps.sinks.map((sink) => ({
      sink,
      pump: new SinkPump(sink, deps),
      check: new StoreCheck(sink, { ...deps, hours: deps.journal.hours }),
    }));
    this.#frames = new FramePump(deps);
  }

  /**
   * Writes sealed batches, gaps and marks to the sinks, or to the named one, and raw frames to their store. A failing sink
   * delays no other; one that takes longer than the batch interval continues in the background, so that sealing continues.
   */
  async carry(only: SinkName | null = null): Promise<void> {
    const routes = this.#on.filter(({ sink }) => only === null || sink.name === only);
    const patienceMs = this.#deps.config.LIQUIDATION_BATCH_INTERVAL_SECONDS * 1_000;
    try {
      const frames = only === null ? this.#frames.run() : Promise.resolve();
      await within(patienceMs, () => Promise.all([frames, ...routes.map((route) => this.#carryOnce(route))]));
    } catch (error) {
      if (!isTimeout(error)) throw error;
    }
  }

  /** Passes minutes of the mark price that are not over with the next notes, without a row written here. */
  noteRunning(marks: readonly MinuteMark[]): void {
    this.#runningMarks = [...this.#runningMarks, ...marks].slice(-MAX_RUNNING_MARKS);
  }

  /** Whether every sealed batch, gap and minute is in every active sink, and every raw frame in its store. */
  get drained(): boolean {
    const { journal, gaps, marks } = this.#deps;
    const isAcknowledged = gaps.unacknowledged().length === 0 && marks.unacknowledged().length === 0;
    const isStored = this.#on.every(({ pump }) => pump.storedBatch >= journal.lastBatch);
    return isAcknowledged && isStored && this.#frames.storedSequence >= journal.total;
  }

  /** The last batch that every sink has, and whose raw frames are stored. */
  get storedBatch(): number {
    const { journal } = this.#deps;
    const withFrames = journal.lastBatchWithin(this.#frames.storedSequence);
    return Math.min(...this.#on.map(({ pump }) => pump.storedBatch), withFrames, journal.lastBatch);
  }

  /** No more rows will come. */
  retire(): void {
    this.#frames.retire();
  }

  get keepsFrames(): boolean {
    return this.#frames.off === null;
  }

  rawFrames(): FeedStatus["raw_frames"] {
    return this.#frames.status();
  }

  /** The last batches that stores have, for a journal that is short of room. */
  get storedBatches(): StoredBatches {
    const stored = this.#on.map(({ pump }) => pump.storedBatch);
    const working = this.#on.filter(({ pump }) => !pump.isFailing).map(({ pump }) => pump.storedBatch);
    return {
      all: this.storedBatch,
      rows: Math.min(...stored, this.#deps.journal.lastBatch),
      working: working.length === 0 ? null : Math.min(...working),
      any: Math.max(0, ...stored),
    };
  }

  /**
   * Sends a store again what was sealed since a time, ms, and the gaps since then.
   * @returns null where the store is off or unknown here
   */
  async refill(name: SinkName, sealedSince: number): Promise<{ readonly batches: number; readonly rows: number } | null> {
    const route = this.#on.find(({ sink }) => sink.name === name);
    if (route === undefined) return null;
    await this.#running.get(name);
    if (route.sink.writeNotes !== undefined) this.#deps.gaps.sendAgain(sealedSince);
    return route.pump.rewind(sealedSince);
  }

  /** For the operator: stores that lack rows that they acknowledged. */
  warnings(): readonly string[] {
    return this.#on.flatMap(({ sink, check }) => {
      const { missing_rows: missing = 0, from_time: from = 0 } = check.newest ?? {};
      if (missing === 0) return [];
      const since = new Date(from).toISOString();
      return [
        `The store ${sink.name} lacks ${missing} rows since ${since} that it acknowledged: refill it with POST /v1/stores/${sink.name}/refill.`,
      ];
    });
  }

  /** The last event with an impact that every sink has acknowledged. */
  get acknowledgedImpact(): number {
    return Math.min(...this.#on.map(({ pump }) => pump.acknowledgedImpact), this.#deps.journal.total);
  }

  status(): FeedStatus["sinks"] {
    const { env, config } = this.#deps;
    const statuses = this.#routes.map(({ sink, pump, check }): [SinkName, FeedStatus["sinks"][SinkName]] => [
      sink.name,
      { ...pump.status(env, config), comparison: sink.off(env, config) === null ? check.newest : null },
    ]);
    return Object.fromEntries(statuses) as FeedStatus["sinks"];
  }

  get #on(): readonly Route<Env>[] {
    const { env, config } = this.#deps;
    return this.#routes.filter(({ sink }) => sink.off(env, config) === null);
  }

  /** A sink that is still busy does not get a second round at the same time. */
  #carryOnce(route: Route<Env>): Promise<void> {
    const running = this.#running.get(route.sink.name);
    if (running !== undefined) return running;
    const round = this.#carry(route).finally(() => this.#running.delete(route.sink.name));
    this.#running.set(route.sink.name, round);
    return round;
  }

  async #carry({ sink, pump, check }: Route<Env>): Promise<void> {
    const { env, config, exchange, gaps, marks, log } = this.#deps;
    await pump.run(env, config);
    if (!pump.isFailing) await check.run(env, config);
    if (sink.writeNotes === undefined) return;
    const notes = { exchange, gaps: gaps.unacknowledged(), minuteMarks: marks.unacknowledged(), runningMarks: this.#runningMarks };
    if (notes.gaps.length + notes.minuteMarks.length + notes.runningMarks.length === 0) return;
    this.#runningMarks = [];
    try {
      await sink.writeNotes(env, notes);
      gaps.acknowledge(notes.gaps);
      marks.acknowledge(notes.minuteMarks);
    } catch (error) {
      log({ event: "gaps_and_marks_failed", sink: sink.name, error: messageOf(error) });
    }
  }
}
