import { MAX_WAIT_MS, fullJitter } from "../../../src/backoff.ts";
import type { Config } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { Batch, Sink } from "../../../src/sink.ts";
import { isContractGap } from "../../../src/gap.ts";
import { type StorableOutcome, writeStorable } from "../../../src/storable.ts";
import type { Refusal, SinkStatus } from "../../../src/feed-status.ts";
import type { ImpactLog } from "../journal/impact-log.ts";
import type { Journal } from "../journal/journal.ts";
import type { RejectLog } from "../journal/reject-log.ts";
import { BatchGroups } from "./batch-groups.ts";
import { SavedProgress } from "./saved-progress.ts";
import { messageOf } from "../../../src/message-of.ts";
import { writeLog } from "../../../src/log.ts";
import type { VenueSql } from "../venue-storage.ts";

/** Waits after a failure: short at first, then longer, but at most five minutes, without end. */
const RETRY = { baseMs: 2_000, capMs: MAX_WAIT_MS };

/**
 * Maximum number of writes per round: a backlog of days is spread over many alarms, because each may only make so many
 * requests.
 */
const MAX_WRITES_PER_ROUND = 50;
const MAX_IMPACTS_PER_WRITE = 1_000;

interface Progress {
  /** The last stored batch, and the number of the last row in it. */
  readonly batch: number;
  readonly sequence: number;
  /** The last batch that was ever stored: those up to it are counted already when they are sent again. */
  readonly highest_batch: number;
  /** The last liquidation with an acknowledged impact. */
  readonly impact: number;
  readonly rows_stored: number;
  readonly rows_refused: number;
  readonly newest_refusal: Refusal | null;
  /** Rows that left the journal before they were stored. */
  readonly rows_missed: number;
  readonly failures: number;
  /** Time of the next round, ms: after the back-off, or after the sink's interval. */
  readonly next_time: number;
  readonly last_success_time: number | null;
  readonly last_error: string | null;
  readonly last_error_time: number | null;
}

const NOTHING_STORED: Progress = {
  batch: 0,
  sequence: 0,
  highest_batch: 0,
  impact: 0,
  rows_stored: 0,
  rows_refused: 0,
  newest_refusal: null,
  rows_missed: 0,
  failures: 0,
  next_time: 0,
  last_success_time: null,
  last_error: null,
  last_error_time: null,
};

/** The backlog of a sink that is off, for which the journal is not counted. */
const NOTHING_WAITS = { batches: 0, rows: 0, oldestEventTime: null };

/** What is written as one. */
interface Extent {
  /** The last batch. */
  readonly end: number;
  readonly rows: number;
}

interface Dependencies {
  readonly sql: VenueSql;
  readonly exchange: ExchangeName;
  readonly epoch: number;
  readonly journal: Journal;
  readonly impacts: ImpactLog;
  readonly rejects: RejectLog;
  readonly now: () => number;
  readonly random: () => number;
}

/** Writes sealed batches to one sink, in order, with durable progress. */
export class SinkPump<Env> {
  readonly #sink: Sink<Env>;
  readonly #deps: Dependencies;
  readonly #saved: SavedProgress<Progress>;
  readonly #groups: BatchGroups;
  #running: Promise<void> | null = null;

  constructor(sink: Sink<Env>, deps: Dependencies) {
    this.#sink = sink;
    this.#deps = deps;
    this.#groups = new BatchGroups(deps.journal);
    this.#saved = new SavedProgress<Progress>(deps, sink.name, (saved) =>
      saved === null ? NOTHING_STORED : restored(saved, deps.journal),
    );
  }

  /** The last stored batch: the journal may delete up to the minimum over all active sinks. */
  get storedBatch(): number {
    return this.#saved.current.batch;
  }

  /** The last liquidation with an acknowledged impact; all of them where the sink accepts none. */
  get acknowledgedImpact(): number {
    return this.#sink.writeImpacts === undefined ? Infinity : this.#saved.current.impact;
  }

  /** Whether the last attempt to store a batch failed. */
  get isFailing(): boolean {
    return this.#saved.current.failures > 0;
  }

  /** Stores pending batches. Never throws and never runs twice at once; resolves when the round is over. */
  run(env: Env, config: Config): Promise<void> {
    if (this.#sink.off(env, config) !== null) return Promise.resolve();
    this.#running ??= this.#round(env, config).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /**
   * Starts again at the first batch that was sealed at or after a time, ms, for a store that lost what it had. Its rows
   * are counted already.
   * @returns what will be sent again
   */
  async rewind(sealedSince: number): Promise<{ readonly batches: number; readonly rows: number }> {
    await this.#running;
    const { journal } = this.#deps;
    const asked = journal.firstBatchSince(sealedSince);
    const start = asked === null || this.#sink.groupRows === undefined ? asked?.batch : this.#groups.startAt(asked.batch);
    const first = journal.batchStart(start ?? null);
    if (first === null || first.batch > this.#saved.current.batch) return { batches: 0, rows: 0 };
    const again = { batches: this.#saved.current.batch - first.batch + 1, rows: this.#saved.current.sequence - first.firstSequence + 1 };
    const before = first.firstSequence - 1;
    const impact = Math.min(this.#saved.current.impact, before);
    this.#saved.save({ batch: first.batch - 1, sequence: before, impact, failures: 0, next_time: 0 });
    return again;
  }

  status(env: Env, config: Config): Omit<SinkStatus, "comparison"> {
    const off = this.#sink.off(env, config);
    const backlog = off === null ? this.#deps.journal.backlog(this.#saved.current.batch) : NOTHING_WAITS;
    return {
      off_reason: off,
      rows_stored: this.#saved.current.rows_stored,
      rows_refused: this.#saved.current.rows_refused,
      newest_refusal: this.#saved.current.newest_refusal,
      rows_missed: this.#saved.current.rows_missed + this.#deps.journal.missingAfter(this.#saved.current.sequence),
      backlog_batches: backlog.batches,
      backlog_rows: backlog.rows,
      oldest_unstored_event_time: backlog.oldestEventTime,
      last_success_time: this.#saved.current.last_success_time,
      last_error: this.#saved.current.last_error,
      last_error_time: this.#saved.current.last_error_time,
      next_attempt_time: off === null && this.#saved.current.failures > 0 ? this.#saved.current.next_time : null,
    };
  }

  async #round(env: Env, config: Config): Promise<void> {
    const wait = this.#saved.current.next_time - this.#deps.now();
    // A wait longer than any request means that the clock went back: it is over.
    if (wait > 0 && wait <= Math.max(MAX_WAIT_MS, this.#sink.intervalMs(config))) return;
    if (await this.#storeBatches(env, config)) await this.#storeImpacts(env, config);
  }

  /** @returns whether the sink accepted everything */
  async #storeBatches(env: Env, config: Config): Promise<boolean> {
    const { journal, now } = this.#deps;
    for (let writes = 0; writes < MAX_WRITES_PER_ROUND; writes += 1) {
      const next = journal.batchAfter(this.#saved.current.batch);
      if (next === null || this.#isGrowing(next)) {
        this.#saved.hold({ next_time: now() + this.#sink.intervalMs(config) });
        return true;
      }
      if (!(await this.#store(env, config, next))) return false;
    }
    return true;
  }

  /**
   * Writes impacts of rows that the sink has. After a failure they wait for the next round, without affecting the
   * back-off of the batches.
   */
  async #storeImpacts(env: Env, config: Config): Promise<void> {
    const { exchange, impacts, now } = this.#deps;
    if (this.#sink.writeImpacts === undefined) return;
    for (let writes = 0; writes < MAX_WRITES_PER_ROUND; writes += 1) {
      const next = impacts.between(this.#saved.current.impact, this.#saved.current.sequence, MAX_IMPACTS_PER_WRITE);
      const last = next.at(-1);
      if (last === undefined) return;
      try {
        await this.#sink.writeImpacts(
          env,
          config,
          next.map(({ impact }) => impact),
        );
      } catch (cause) {
        const error = messageOf(cause);
        this.#saved.save({ last_error: `impacts: ${error}`, last_error_time: now() });
        writeLog("warn", { event: "impacts_failed", exchange, sink: this.#sink.name, error });
        return;
      }
      this.#saved.save({ impact: last.sequence });
    }
  }

  /** @returns whether it is stored, so that the next one may follow */
  async #store(env: Env, config: Config, first: number): Promise<boolean> {
    const batch = this.#gather(first, this.#extent(config, first));
    // Read before the write: the journal may be short of room meanwhile, and delete the batch.
    const last = this.#deps.journal.lastSequence(batch?.sequence ?? first);
    if (batch === null) {
      const missed = Math.max(0, last - this.#saved.current.sequence);
      this.#saved.save({ batch: first, sequence: last, rows_missed: this.#saved.current.rows_missed + missed });
      return true;
    }
    const outcome = await this.#attempt(env, config, batch);
    if (outcome.kind === "failed") this.#fail(batch, outcome);
    else this.#acknowledge(batch, last, outcome);
    return outcome.kind === "stored";
  }

  #fail({ sequence }: Batch, { error, retryAfterMs }: Extract<StorableOutcome, { kind: "failed" }>): void {
    const { exchange, now, random } = this.#deps;
    const failures = this.#saved.current.failures + 1;
    const wait = Math.min(retryAfterMs ?? fullJitter(failures, RETRY, random), MAX_WAIT_MS);
    this.#saved.save({ failures, next_time: now() + wait, last_error: error, last_error_time: now() });
    writeLog("warn", { event: "sink_failed", exchange, sink: this.#sink.name, batch: sequence, failures, error });
  }

  #acknowledge({ sequence, rows }: Batch, last: number, outcome: Extract<StorableOutcome, { kind: "stored" }>): void {
    const { journal, rejects, now } = this.#deps;
    for (const { eventId, reason } of outcome.refused) rejects.add(now(), `${this.#sink.name} rejected the row: ${reason}`, eventId);
    for (const { eventId, reason } of outcome.nulled) rejects.add(now(), `${this.#sink.name} stored null: ${reason}`, eventId);
    const refusedIds = new Set(outcome.refused.map(({ eventId }) => eventId));
    const [refused, stored] = [rows.filter((row) => refusedIds.has(row.event_id)), rows.filter((row) => !refusedIds.has(row.event_id))];
    const { rows_stored, rows_refused, rows_missed, highest_batch, newest_refusal } = this.#saved.current;
    const isNew = sequence > highest_batch;
    const newest = outcome.refused.at(-1);
    if (isNew) this.#saved.attempt(() => journal.hours.addStored(this.#sink.name, stored, refused));
    this.#saved.save({
      batch: sequence,
      sequence: last,
      highest_batch: Math.max(highest_batch, sequence),
      rows_stored: rows_stored + (isNew ? stored.length : 0),
      rows_refused: rows_refused + (isNew ? refused.length : 0),
      newest_refusal: newest === undefined ? newest_refusal : { time: now(), event_id: newest.eventId, reason: newest.reason },
      rows_missed: rows_missed + Math.max(0, last - rows.length - this.#saved.current.sequence),
      failures: 0,
      last_success_time: now(),
    });
  }

  /** Up to which batch, and up to how many rows, the batches from `first` on are written as one. */
  #extent(config: Config, first: number): Extent {
    const { groupRows, mergedRows } = this.#sink;
    if (groupRows === undefined) return { end: Infinity, rows: mergedRows?.call(this.#sink, config) ?? 0 };
    return { end: this.#groups.endOf(first, groupRows, this.#deps.now()) ?? first, rows: Infinity };
  }

  /** Whether the batches that are written as one are not complete yet. */
  #isGrowing(first: number): boolean {
    const { groupRows } = this.#sink;
    return groupRows !== undefined && this.#groups.endOf(first, groupRows, this.#deps.now()) === null;
  }

  /**
   * The batch and as many following ones as are written with it; null where its rows are gone. Batches that are sent again
   * are not merged with new ones, which are counted.
   */
  #gather(first: number, { end, rows: maxRows }: Extent): Batch | null {
    const { exchange, epoch, journal } = this.#deps;
    let sealed = journal.batch(first);
    if (sealed === null) return null;
    let sequence = first;
    for (
      let next = journal.batchAfter(first);
      next !== null && next <= end && sealed.rows.length < maxRows;
      next = journal.batchAfter(next)
    ) {
      if (first <= this.#saved.current.highest_batch && next > this.#saved.current.highest_batch) break;
      const more = journal.batch(next);
      if (more === null || sealed.rows.length + more.rows.length > maxRows) break;
      sealed = { ...more, rows: [...sealed.rows, ...more.rows], gaps: [...sealed.gaps, ...more.gaps] };
      sequence = next;
    }
    return { exchange, epoch, sequence, ...sealed, gaps: latestOf(sealed.gaps) };
  }

  async #attempt(env: Env, config: Config, batch: Batch): Promise<StorableOutcome> {
    try {
      return await writeStorable(this.#sink, env, config, batch);
    } catch (error) {
      return { kind: "failed", error: messageOf(error), retryAfterMs: null };
    }
  }
}

/** Progress from before rows were numbered in it: the rows of its last batch, or all that are gone, are stored. */
function restored(saved: Partial<Progress>, journal: Journal): Progress {
  const progress = { ...NOTHING_STORED, ...saved };
  if (saved.sequence !== undefined || progress.batch === 0) return progress;
  return { ...progress, sequence: journal.sequenceUpTo(progress.batch), highest_batch: progress.batch };
}

/** Batches that are written as one may have the same gap, which may have ended meanwhile. */
function latestOf(gaps: Batch["gaps"]): Batch["gaps"] {
  return [...new Map(gaps.map((gap) => [`${gap.from_time} ${isContractGap(gap) ? gap.contract : ""}`, gap])).values()];
}
