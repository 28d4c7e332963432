import type { Config } from "../../src/config.ts";
import { messageOf } from "../../src/message-of.ts";
import { watchedPages } from "../../src/venue-watch/venue-pages.ts";
import { DOUBT_MS, doubtOf } from "../../src/venue-watch/doubt.ts";
import { type EarlierChange, earlierChanges } from "../../src/venue-watch/earlier-changes.ts";
import { pageChange } from "../../src/venue-watch/page-change.ts";
import { venueChanged } from "../../src/webhooks/make-event.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import { type StoredPage, readPageText, readPages, writePage } from "../d1/venue-pages.ts";
import type { Env } from "../env.ts";
import { type ReadPage, fetchPage } from "../venue-watch/fetch-page.ts";
import { publishVenueChange } from "../venue-watch/publish-venue-change.ts";

/** Pages of one run, read at once: the others follow a minute later. */
const PAGES_PER_RUN = 4;

export interface ChangeLogsRecord {
  readonly read: readonly string[];
  readonly changed: readonly string[];
  readonly failed: Readonly<Record<string, string>>;
}

interface Page {
  readonly venue: string;
  readonly url: string;
  /** As it was read last under this address; null where it never was. */
  readonly stored: StoredPage | null;
}

/**
 * Reads the change log of each venue once a day, and a page that failed every hour. A change is published, and stored
 * after that: a run that is interrupted publishes the same again. One page that fails stops none of the others.
 */
export async function changeLogs(env: Env, config: Config, now: number, send: typeof fetch = fetch): Promise<ChangeLogsRecord> {
  const stored = new Map((await readPages(env.DB)).map((page) => [page.venue, page]));
  const due = [...watchedPages(config)]
    .map(([venue, url]): Page => {
      const page = stored.get(venue);
      return { venue, url, stored: page?.url === url ? page : null };
    })
    .filter(({ stored: page }) => page === null || now - page.attempted_time >= (page.error === null ? DAY_MS : HOUR_MS))
    .slice(0, PAGES_PER_RUN);
  const outcomes = await Promise.all(due.map((page) => readOne(env, config, page, now, send)));
  const namesOf = (kind: Outcome["kind"]) => due.filter((_page, index) => outcomes[index]?.kind === kind).map(({ venue }) => venue);
  return {
    read: [...namesOf("same"), ...namesOf("changed")],
    changed: namesOf("changed"),
    failed: Object.fromEntries(
      outcomes.flatMap((outcome, index) => (outcome.kind === "failed" ? [[due[index]?.venue, outcome.error]] : [])),
    ),
  };
}

type Outcome = { readonly kind: "same" } | { readonly kind: "changed" } | { readonly kind: "failed"; readonly error: string };

const MAX_ERROR = 300;

async function readOne(env: Env, config: Config, page: Page, now: number, send: typeof fetch): Promise<Outcome> {
  const { venue, url } = page;
  const before: StoredPage = page.stored ?? { ...NEVER_READ, venue, url };
  try {
    return await compare(env, config, before, await fetchPage(url, send), now);
  } catch (error) {
    return failed(env, before, messageOf(error), now);
  }
}

async function compare(env: Env, config: Config, before: StoredPage, { text, hash }: ReadPage, now: number): Promise<Outcome> {
  const { venue, url } = before;
  const good = { error: null, failing_since: null, doubted_hash: null, doubted_since: null };
  const read: StoredPage = { ...before, ...good, attempted_time: now, checked_time: now, hash };
  if (before.hash === null || before.hash === hash) {
    await writePage(env.DB, read, before.hash === hash ? null : text);
    return { kind: "same" };
  }
  const known = (await readPageText(env.DB, venue)) ?? "";
  const change = pageChange(known, text);
  if (change === null) {
    await writePage(env.DB, read, text);
    return { kind: "same" };
  }
  const doubt = doubtOf(known, change);
  const since = before.doubted_hash === hash ? (before.doubted_since ?? now) : now;
  if (doubt !== null && now - since < DOUBT_MS) {
    return failed(env, { ...before, doubted_hash: hash, doubted_since: since }, doubt, now);
  }
  const data = { venue, change: "change_log" as const, url, found_time: now, previous_time: before.checked_time, ...change };
  await publishVenueChange(env, config, venueChanged(data, hash.slice(0, 16)), now);
  const earlier = JSON.stringify(earlierChanges(newestChange(before), JSON.parse(before.earlier) as readonly EarlierChange[], now));
  await writePage(env.DB, { ...read, ...change, added: JSON.stringify(change.added), changed_time: now, earlier }, text);
  return { kind: "changed" };
}

async function failed(env: Env, page: StoredPage, reason: string, now: number): Promise<Outcome> {
  const error = reason.slice(0, MAX_ERROR);
  await writePage(env.DB, { ...page, attempted_time: now, error, failing_since: page.failing_since ?? now }, null);
  return { kind: "failed", error };
}

function newestChange({ changed_time, added, added_lines, removed_lines }: StoredPage): Parameters<typeof earlierChanges>[0] {
  if (changed_time === null) return null;
  const lines = JSON.parse(added ?? "[]") as readonly string[];
  return { changed_time, added: lines, added_lines: added_lines ?? 0, removed_lines: removed_lines ?? 0 };
}

const NEVER_READ: Omit<StoredPage, "venue" | "url"> = {
  attempted_time: 0,
  checked_time: null,
  hash: null,
  changed_time: null,
  added: null,
  added_lines: null,
  removed_lines: null,
  earlier: "[]",
  error: null,
  failing_since: null,
  doubted_hash: null,
  doubted_since: null,
};
