import type { Config } from "./config.ts";
import type { Gap } from "./gap.ts";
import type { ExchangeName, ImpactFields, Liquidation } from "./liquidation.ts";
import type { MinuteMark } from "./minute-mark.ts";
import type { TimeRange } from "./windows/range-parts.ts";
import type { RawFile } from "./raw-frames/raw-files.ts";

export type SinkName = "r2" | "d1" | "supabase" | "pipeline";

/** A batch of rows of one venue that never changes again. */
export interface Batch {
  readonly exchange: ExchangeName;
  /** The time at which the journal that numbers the batches was created, ms: numbers restart with a new journal. */
  readonly epoch: number;
  /** 1, 2, 3 … within the epoch. */
  readonly sequence: number;
  /** The time at which the batch was sealed, ms. */
  readonly sealedTime: number;
  /** In the order received, at least one. A sink only gets rows that every store accepts, see storable.ts. */
  readonly rows: readonly Liquidation[];
  /** Gaps that overlap the event times of the batch, as known when it was sealed. */
  readonly gaps: readonly Gap[];
}

/** A row that the store will never accept. */
export interface RefusedRow {
  readonly eventId: string;
  readonly reason: string;
}

export type SinkOutcome =
  /** All rows are durably stored, except the refused ones. */
  | { readonly kind: "stored"; readonly refused: readonly RefusedRow[] }
  /**
   * Nothing or only a part is stored; the same batch is sent again. `retryAfterMs` is set where the store asked for a
   * wait.
   */
  | { readonly kind: "failed"; readonly error: string; readonly retryAfterMs: number | null };

/** The code that writes batches to one store. Writing the same batch again changes nothing. */
export interface Sink<Env> {
  readonly name: SinkName;
  /**
   * Null where the sink is on, otherwise the reason why it is off, for people. A sink that is off receives nothing and
   * delays nothing.
   */
  off(env: Env, config: Config): string | null;
  /** Minimum time between two rounds of writes, ms. */
  intervalMs(config: Config): number;
  /**
   * If set, consecutive batches with fewer rows in total are written as one, under the number of the last one: for
   * stores with requests that cost more than their rows, and that know a row again: a write whose answer was lost is repeated
   * with other batches in it. If absent, each batch is written separately.
   */
  mergedRows?(config: Config): number;
  /**
   * If set, batches of half a minute in busy times are written as one of at most so many rows, under the number of the last one: for
   * stores that bill each write. A write that is repeated has the same rows.
   */
  readonly groupRows?: number;
  /**
   * The number of rows of a venue that the store holds with an event time in whole hours, without inferred ones. Absent
   * where the store cannot be asked.
   */
  heldRows?(env: Env, config: Config, exchange: ExchangeName, range: TimeRange): Promise<number>;
  /** Stores one batch. May throw, which counts as failed. */
  write(env: Env, config: Config, batch: Batch): Promise<SinkOutcome>;
  /** Stores gaps and marks; called with everything that changed since it last succeeded. */
  writeNotes?(env: Env, notes: FeedNotes): Promise<void>;
  /**
   * Adds fields that became known after the event to rows of earlier batches; missing rows (refused, deleted) are
   * ignored. Repeating it changes nothing. Throws where not all are stored.
   */
  writeImpacts?(env: Env, config: Config, impacts: readonly Impact[]): Promise<void>;
  /** Keeps raw frames. Writing the same file again changes nothing. Throws where it is not stored. */
  writeFrames?(env: Env, file: RawFile): Promise<void>;
}

/** The price impact of a liquidation that is stored already. */
export type Impact = Pick<Liquidation, "event_id" | "event_time"> & ImpactFields;

/** The data of a feed other than events. */
export interface FeedNotes {
  readonly exchange: ExchangeName;
  readonly gaps: readonly Gap[];
  readonly minuteMarks: readonly MinuteMark[];
  /** Minutes that are not over, in their current state. They may be lost: complete ones replace them later. */
  readonly runningMarks?: readonly MinuteMark[];
}
