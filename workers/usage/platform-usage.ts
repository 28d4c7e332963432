import { usageTally } from "../../durable-objects/usage-tally.ts";
import { utcDate } from "../../src/batch-object.ts";
import type { PlanItemName } from "../../src/cloudflare-plan.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { within } from "../../src/within.ts";

/** How often an object stores what its isolate counted, ms: each time writes a row per item. */
export const OBJECT_STORES_MS = 5 * MINUTE_MS;

/** Alarms and cron runs wait for the counts, so a database that hangs must not hold them up. */
const PATIENCE_MS = 5_000;

/** Retention: a year and a month, like the usage of keys. */
const KEPT_MS = 400 * DAY_MS;

const ADD = `
  INSERT INTO platform_usage (date, item, amount) SELECT ?1, key, value FROM json_each(?2) WHERE true
  ON CONFLICT (date, item) DO UPDATE SET amount = amount + excluded.amount`;
const READ = `
  SELECT item, sum(iif(date = ?2, amount, 0)) AS today, sum(amount) AS month
  FROM platform_usage WHERE date >= ?1 AND date <= ?2 GROUP BY item`;

/** What was used of an item. */
export interface ItemUsage {
  readonly item: PlanItemName;
  readonly today: number;
  /** Since the first of the month, UTC. */
  readonly month: number;
}

/**
 * Stores what the isolate has counted, at most once in so many ms. Never throws: what cannot be stored is stored later,
 * unless the isolate ends before. What a database that does not respond in time stored after all counts twice.
 */
export async function storeUsage(db: D1Database, now: number, everyMs: number): Promise<void> {
  const amounts = usageTally.take(now, everyMs);
  if (amounts === null) return;
  try {
    const write = db.prepare(ADD).bind(utcDate(now), JSON.stringify(Object.fromEntries(amounts)));
    await within(PATIENCE_MS, () => write.run());
  } catch (error) {
    usageTally.putBack(amounts);
    writeLog("warn", { event: "usage_not_stored", error: messageOf(error) });
  }
}

/** What was used today and in the month of a time, ms. */
export async function readPlatformUsage(db: D1Database, now: number): Promise<readonly ItemUsage[]> {
  const today = utcDate(now);
  return (
    await db
      .prepare(READ)
      .bind(`${today.slice(0, 7)}-01`, today)
      .all<ItemUsage>()
  ).results;
}

export async function forgetPlatformUsage(db: D1Database, now: number): Promise<void> {
  await db
    .prepare("DELETE FROM platform_usage WHERE date < ?1")
    .bind(utcDate(now - KEPT_MS))
    .run();
}
