import { z } from "zod";
import type { RefillableStore } from "../../src/refill.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";

const skippedObjects = z.array(z.object({ key: z.string(), reason: z.string() }).readonly()).readonly();

/** An object that cannot be read, whose rows a refill lacks. */
export type SkippedObject = z.output<typeof skippedObjects>[number];

/** A skipped object keeps this much of its reason, so that thousands of them fit into a row of D1. */
const MAX_REASON = 200;

/** A store that is filled again from batches and daily files; times in ms. */
export interface StoreRefill {
  readonly store: RefillableStore;
  readonly start_time: number;
  readonly end_time: number;
  /** Every row with an event time before this is written. */
  readonly done_until: number;
  /** Number of rows written, whether the store had them or not. */
  readonly rows: number;
  readonly refused: number;
  readonly created_time: number;
  readonly finished_time: number | null;
  /** Why the last attempt stopped; null where it did not. */
  readonly error: string | null;
  /** Time since which no attempt got on; null where the last one did. */
  readonly failing_since: number | null;
  readonly objects_skipped: number;
  readonly skipped: readonly SkippedObject[];
}

type StoredRefill = Omit<StoreRefill, "skipped"> & { readonly skipped: string };

const COLUMNS = `store, start_time, end_time, done_until, rows, refused, created_time, finished_time, error, failing_since,
  json_array_length(skipped) AS objects_skipped, skipped`;

/** Begins a refill, instead of an earlier one of the same store. */
export async function insertRefill(db: D1Database, store: RefillableStore, { start, end }: TimeRange, now: number): Promise<void> {
  const sql = `INSERT OR REPLACE INTO store_refills (store, start_time, end_time, done_until, created_time) VALUES (?1, ?2, ?3, ?2, ?4)`;
  await db.prepare(sql).bind(store, start, end, now).run();
}

export async function readRefill(db: D1Database, store: RefillableStore): Promise<StoreRefill | null> {
  const stored = await db.prepare(`SELECT ${COLUMNS} FROM store_refills WHERE store = ?1`).bind(store).first<StoredRefill>();
  return stored === null ? null : refillOf(stored);
}

export async function openRefills(db: D1Database): Promise<readonly StoreRefill[]> {
  const sql = `SELECT ${COLUMNS} FROM store_refills WHERE finished_time IS NULL ORDER BY store`;
  return (await db.prepare(sql).all<StoredRefill>()).results.map(refillOf);
}

function refillOf(stored: StoredRefill): StoreRefill {
  return { ...stored, skipped: skippedObjects.parse(JSON.parse(stored.skipped)) };
}

/** Notes that everything before a time is written. A refill that was started again in the meantime stays unchanged. */
export async function noteRefill(
  db: D1Database,
  { store, created_time }: Pick<StoreRefill, "store" | "created_time">,
  { doneUntil, rows, refused, finishedTime }: RefillStep,
): Promise<void> {
  const sql = `
    UPDATE store_refills SET done_until = ?3, rows = rows + ?4, refused = refused + ?5, finished_time = ?6,
      error = NULL, failing_since = NULL
    WHERE store = ?1 AND created_time = ?2`;
  await db.prepare(sql).bind(store, created_time, doneUntil, rows, refused, finishedTime).run();
}

export interface RefillStep {
  readonly doneUntil: number;
  readonly rows: number;
  readonly refused: number;
  readonly finishedTime: number | null;
}

export async function failRefill(db: D1Database, { store, created_time }: StoreRefill, error: string, now: number): Promise<void> {
  const sql = `
    UPDATE store_refills SET error = ?3, failing_since = coalesce(failing_since, ?4) WHERE store = ?1 AND created_time = ?2`;
  await db.prepare(sql).bind(store, created_time, error.slice(0, 500), now).run();
}

/** Notes an object that the refill goes on without. */
export async function noteSkipped(db: D1Database, { store, created_time }: StoreRefill, { key, reason }: SkippedObject): Promise<void> {
  const sql = `
    UPDATE store_refills SET skipped = json_insert(skipped, '$[#]', json_object('key', ?3, 'reason', ?4))
    WHERE store = ?1 AND created_time = ?2`;
  await db.prepare(sql).bind(store, created_time, key, reason.slice(0, MAX_REASON)).run();
}
