import type { Batch, FeedNotes, Impact, RefusedRow, Sink, SinkOutcome } from "../../src/sink.ts";
import { gapWrites } from "../d1/gap-writes.ts";
import { impactWrites } from "../d1/impact-writes.ts";
import { jsonChunks } from "../d1/json-chunks.ts";
import { rowJson } from "../d1/liquidation-columns.ts";
import { countStored } from "../d1/stored-count.ts";
import { storeLiquidations } from "../d1/liquidation-writes.ts";
import { minuteMarkWrites, runningMarkWrites } from "../d1/minute-mark-writes.ts";
import type { Env } from "../env.ts";
import { messageOf } from "../../src/message-of.ts";

type D1Env = Pick<Env, "DB">;

/**
 * Hot events and totals. Each chunk of a batch is one transaction, so a batch that failed half way has complete chunks
 * with correct totals, and writing it again adds the rest.
 */
export const d1Sink: Sink<D1Env> = {
  name: "d1",
  off: () => null,
  // A sealed batch is written at once: D1 is part of the Worker and has no rate to respect.
  intervalMs: () => 0,
  heldRows: (env, _config, exchange, range) => countStored(env.DB, exchange, range),
  write: (env, _config, batch) => writeBatch(env.DB, batch),
  writeNotes: (env, notes) => writeNotes(env.DB, notes),
  writeImpacts: (env, _config, impacts) => writeImpacts(env.DB, impacts),
};

async function writeBatch(db: D1Database, batch: Batch): Promise<SinkOutcome> {
  const refused: RefusedRow[] = [];
  try {
    for (const chunk of jsonChunks(batch.rows, rowJson)) {
      const tooOld = await storeLiquidations(db, batch.exchange, chunk);
      for (const eventId of tooOld) refused.push({ eventId, reason: "older than the events that D1 keeps, and their totals are final" });
    }
  } catch (error) {
    return { kind: "failed", error: messageOf(error), retryAfterMs: null };
  }
  return { kind: "stored", refused };
}

async function writeNotes(db: D1Database, notes: FeedNotes): Promise<void> {
  const statements = [
    ...gapWrites(db, notes.gaps),
    ...runningMarkWrites(db, notes.runningMarks ?? []),
    ...minuteMarkWrites(db, notes.minuteMarks),
  ];
  if (statements.length > 0) await db.batch(statements);
}

async function writeImpacts(db: D1Database, impacts: readonly Impact[]): Promise<void> {
  if (impacts.length > 0) await db.batch([...impactWrites(db, impacts)]);
}
