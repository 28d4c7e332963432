import { utcDate } from "../../src/batch-object.ts";
import type { Config } from "../../src/config.ts";
import type { LedgerAnchor } from "../../src/signals/ledger-anchor.ts";
import { ledgerAnchored } from "../../src/webhooks/make-event.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import type { Env } from "../env.ts";
import { addAnchor, anchorsWithout, markAnchors } from "../signals/ledger-anchors.ts";
import { missingVariables, SupabaseOffError } from "../supabase/connection.ts";
import { writeAnchors } from "../supabase/write-anchors.ts";
import { publishEvent } from "../webhooks/publish-event.ts";

const PUBLISH_WITHIN_MS = DAY_MS;
const TIMEOUT_MS = 5_000;

export interface LedgerAnchorsRecord {
  /** The date that was anchored by this run; null where it was anchored before. */
  readonly anchored: string | null;
  readonly published: readonly string[];
}

/**
 * After each UTC day, notes the last record of the ledger and publishes it, so that receivers hold what the ledger must
 * contain. An anchor that was not queued for every endpoint is published again by the next run, for a day.
 */
export async function ledgerAnchors(env: Env, config: Config, scheduledTime: number): Promise<LedgerAnchorsRecord> {
  const date = utcDate(floorTo(scheduledTime, DAY_MS) - DAY_MS);
  const isNew = await addAnchor(env.DB, date, scheduledTime);
  const published: string[] = [];
  for (const anchor of await anchorsWithout(env.DB, "published")) {
    if (await isPublished(env, config, anchor, scheduledTime)) published.push(anchor.date);
  }
  await markAnchors(env.DB, "published", published, scheduledTime);
  return { anchored: isNew ? date : null, published };
}

async function isPublished(env: Env, config: Config, anchor: LedgerAnchor, now: number): Promise<boolean> {
  const event = ledgerAnchored(anchor);
  const outcome = await publishEvent(env, config, event);
  if (outcome.kind === "queued") return true;
  if (now - anchor.anchored_time < PUBLISH_WITHIN_MS) return false;
  await addDeadLetters(env.DB, "ledger_events", [{ record: event.id, reason: outcome.reason }], now);
  return true;
}

export type AnchorArchiveRecord = { readonly off: string } | { readonly anchors: number; readonly refused: number };

/** Copies anchors to the archive, where rows can only be added. The next run catches up after a failed one. */
export async function anchorArchive(db: D1Database, config: Config, now: number): Promise<AnchorArchiveRecord> {
  const missing = missingVariables(config);
  if (missing.length > 0) return { off: new SupabaseOffError(missing).message };
  const anchors = await anchorsWithout(db, "archived");
  if (anchors.length === 0) return { anchors: 0, refused: 0 };
  const refused = await writeAnchors(config, anchors, TIMEOUT_MS);
  await addDeadLetters(db, "ledger_archive", refused, now);
  await markAnchors(
    db,
    "archived",
    anchors.map(({ date }) => date),
    now,
  );
  return { anchors: anchors.length - refused.length, refused: refused.length };
}
