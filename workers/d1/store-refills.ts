import type { RefillableStore } from "../../src/refill.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";

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
}

const COLUMNS = "store, start_time, end_time, done_until, rows, refused, created_time, finished_time, error";

/** Begins a refill, instead of an earlier one of the same store. */
export async function insertRefill(db: D1Database, store: RefillableStore, { start, end }: TimeRange, now: number): Promise<void> {
  const sql = `INSERT OR REPLACE INTO store_refills (store, start_time, end_time, done_until, created_time) VALUES (?1, ?2, ?3, ?2, ?4)`;
  await db.prepare(sql).bind(store, start, end, now).run();
}

export function readRefill(db: D1Database, store: RefillableStore): Promise<StoreRefill | null> {
  return db.prepare(`SELECT ${COLUMNS} FROM store_refills WHERE store = ?1`).bind(store).first<StoreRefill>();
}

export async function openRefills(db: D1Database): Promise<readonly StoreRefill[]> {
  return (await db.prepare(`SELECT ${COLUMNS} FROM store_refills WHERE finished_time IS NULL ORDER BY store`).all<StoreRefill>()).results;
}

/** Notes that everything before a time is written. A refill that was started again in the meantime stays unchanged. */
export async function noteRefill(
  db: D1Database,
  { store, created_time }: Pick<StoreRefill, "store" | "created_time">,
  { doneUntil, rows, refused, finishedTime }: RefillStep,
): Promise<void> {
  const sql = `
    UPDATE store_refills SET done_until = ?3, rows = rows + ?4, refused = refused + ?5, finished_time = ?6, error = NULL
    WHERE store = ?1 AND created_time = ?2`;
  await db.prepare(sql).bind(store, created_time, doneUntil, rows, refused, finishedTime).run();
}

export interface RefillStep {
  readonly doneUntil: number;
  readonly rows: number;
  readonly refused: number;
  readonly finishedTime: number | null;
}

export async function failRefill(db: D1Database, { store, created_time }: StoreRefill, error: string): Promise<void> {
  const sql = "UPDATE store_refills SET error = ?3 WHERE store = ?1 AND created_time = ?2";
  await db.prepare(sql).bind(store, created_time, error.slice(0, 500)).run();
}
