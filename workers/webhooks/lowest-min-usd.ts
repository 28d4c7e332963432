import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { type MinUsd, type UsdByAsset, lowestMinUsd } from "../../src/webhooks/min-usd.ts";

/** At most one row for each endpoint. */
const WANTED = `
  SELECT symbols, min_usd FROM webhook_endpoints
  WHERE state = 'open' AND disabled_time IS NULL AND min_usd IS NOT NULL AND (events = '[]' OR events LIKE '%"liquidation.large"%')`;

/**
 * The smallest liquidations that any endpoint wants, USD by base asset; empty where none wants any. Never throws.
 * @returns null where that could not be read
 */
export async function readLowestMinUsd(db: D1Database): Promise<UsdByAsset | null> {
  try {
    const { results } = await db.prepare(WANTED).all<{ symbols: string; min_usd: string }>();
    return lowestMinUsd(
      results.map(({ symbols, min_usd }) => ({ symbols: JSON.parse(symbols) as string[], min_usd: JSON.parse(min_usd) as MinUsd })),
    );
  } catch (error) {
    writeLog("error", { event: "min_usd_unread", error: messageOf(error) });
    return null;
  }
}
