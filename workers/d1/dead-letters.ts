import { writeLog } from "../../src/log.ts";
import type { QueueName, DeadLetterQueue, DeadLetter } from "../../src/dead-letters.ts";

const ADD = `
  INSERT INTO dead_letters (queue, records, newest_time, newest_record, newest_reason) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (queue) DO UPDATE SET records = records + excluded.records, newest_time = excluded.newest_time,
    newest_record = excluded.newest_record, newest_reason = excluded.newest_reason`;

/** A reason may quote the record, which can be of any size. */
const MAX_CHARACTERS = 500;

/**
 * Notes records that a queue cannot pass on. The queue drops them after this call: where it throws, they are still in
 * the queue and are noted by the next attempt.
 */
export async function addDeadLetters(db: D1Database, queue: QueueName, records: readonly DeadLetter[], now: number): Promise<void> {
  const newest = records.at(-1);
  if (newest === undefined) return;
  const [record, reason] = [newest.record, newest.reason].map((text) => text.toWellFormed().slice(0, MAX_CHARACTERS));
  await db.prepare(ADD).bind(queue, records.length, now, record, reason).run();
  for (const one of records) writeLog("error", { event: "dead_letter", queue, ...one });
}

/** The queues with dead letters. */
export async function readDeadLetters(db: D1Database): Promise<readonly DeadLetterQueue[]> {
  const sql = "SELECT queue, records, newest_time, newest_record, newest_reason FROM dead_letters ORDER BY queue";
  return (await db.prepare(sql).all<DeadLetterQueue>()).results;
}
