import type { Config } from "./config.ts";
import type { Gap } from "./gap.ts";
import type { ExchangeName, ImpactFields, Liquidation } from "./liquidation.ts";
import type { MinuteMark } from "./minute-mark.ts";

export type SinkName = "r2" | "d1" | "supabase" | "pipeline";

/** Rows of one venue whose number and content never change again. */
export interface Batch {
  readonly exchange: ExchangeName;
  /** When the journal that numbers the batches was created, ms: numbers start anew with a new journal. */
  readonly epoch: number;
  /** 1, 2, 3 … within the epoch. */
  readonly sequence: number;
  /** When the batch was sealed, ms. */
  readonly sealedTime: number;
  /** In the order received; at least one. A sink is given rows that every store takes, see storable.ts. */
  readonly rows: readonly Liquidation[];
  /** Gaps that touch the batch's event times, as known when it was sealed. */
  readonly gaps: readonly Gap[];
}

/** A row the sink's store would not take, whatever is tried. */
export interface RefusedRow {
  readonly eventId: string;
  readonly reason: string;
}

export type SinkOutcome =
  /** All rows are durably stored, save the refused ones. */
  | { readonly kind: "stored"; readonly refused: readonly RefusedRow[] }
  /** Nothing or only a part is stored; the same batch is offered again. `retryAfterMs` where the store named one. */
  | { readonly kind: "failed"; readonly error: string; readonly retryAfterMs: number | null };

/** One store of the data. Writing the same batch again changes nothing. */
export interface Sink<Env> {
  readonly name: SinkName;
  /** Null where it is on, else why it is off, for people to read. One that is off is asked for nothing and holds up nothing. */
  off(env: Env, config: Config): string | null;
  /** Least time between two rounds of writes, ms. */
  intervalMs(config: Config): number;
  /**
   * Where it is given, consecutive batches of fewer rows in all are written as one, under the last one's number: for
   * stores whose requests cost more than their rows. Absent: each batch is written by itself.
   */
  mergedRows?(config: Config): number;
  /** Stores one batch. May throw: that counts as failed. */
  write(env: Env, config: Config, batch: Batch): Promise<SinkOutcome>;
  /** Stores what is known beside the events; called with all that changed since it last succeeded. */
  writeNotes?(env: Env, notes: FeedNotes): Promise<void>;
  /**
   * Adds to rows of earlier batches what became known after the event; a row that is not there (refused, removed) is
   * passed over. Telling the same again changes nothing. Throws where not all are stored.
   */
  writeImpacts?(env: Env, config: Config, impacts: readonly Impact[]): Promise<void>;
}

/** What the mark price did after a liquidation that is stored already. */
export type Impact = Pick<Liquidation, "event_id" | "event_time"> & ImpactFields;

/** What a feed knows beside its events. */
export interface FeedNotes {
  readonly exchange: ExchangeName;
  readonly gaps: readonly Gap[];
  readonly minuteMarks: readonly MinuteMark[];
}
