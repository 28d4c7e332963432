import type { FeedRefill, RefillableStore } from "../../src/refill.ts";
import { MINUTE_MS, ceilTo } from "../../src/windows/calendar.ts";
import { type StoreRefill, insertRefill, readRefill } from "./store-refills.ts";

/**
 * Begins to fill a store from the batches and daily files with every row from a full minute, ms, on that is older than
 * the journals of the feeds, which send the rest themselves. Repeating it changes nothing that is stored.
 * @returns null where the journals have everything
 */
export async function refillFromFiles(
  db: D1Database,
  store: RefillableStore,
  feeds: readonly FeedRefill[],
  { start, now }: { readonly start: number; readonly now: number },
): Promise<StoreRefill | null> {
  const end = Math.min(now, Math.max(0, ...feeds.map(({ journal_from_time: from }) => from)));
  // R2 itself holds the files, so only the journals can fill it again.
  if (store === "r2" || start >= end) return null;
  await insertRefill(db, store, { start, end: ceilTo(end, MINUTE_MS) }, now);
  return readRefill(db, store);
}
