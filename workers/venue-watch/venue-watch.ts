import type { Config } from "../../src/config.ts";
import { VENUES_WITHOUT_FEED } from "../../src/exchanges/without-feed/venues-without-feed.ts";
import { type EarlierChange, NOTICE_MS, changeText } from "../../src/venue-watch/earlier-changes.ts";
import { watchedPages } from "../../src/venue-watch/venue-pages.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { type StoredPage, readPages } from "../d1/venue-pages.ts";
import { type StoredProbe, nextProbeTime, readProbes } from "../d1/venue-probes.ts";

/** A page may fail for shorter without anybody having to look. */
const FAILING_MS = 3 * DAY_MS;
const MAX_QUOTED = 300;

export const NOTICE_KINDS = ["change_log", "change_log_failing", "liquidation_feed"] as const;

/** News of a venue. Times in ms. */
export interface VenueNotice {
  readonly venue: string;
  readonly kind: (typeof NOTICE_KINDS)[number];
  readonly time: number;
  readonly text: string;
  readonly url: string | null;
}

export interface WatchedPage {
  readonly venue: string;
  readonly url: string;
  readonly checked_time: number | null;
  readonly changed_time: number | null;
  readonly added: readonly string[];
  readonly added_lines: number;
  readonly removed_lines: number;
  readonly error: string | null;
  readonly failing_since: number | null;
}

export interface VenueWithoutFeedStatus {
  readonly venue: string;
  readonly title: string;
  readonly probed_time: number | null;
  readonly topics_asked: number;
  readonly topics_refused: number;
  readonly topics_unanswered: number;
  readonly topics_accepted: readonly string[];
  readonly found_time: number | null;
  readonly next_time: number | null;
  readonly error: string | null;
  readonly failing_since: number | null;
}

export interface VenueWatch {
  readonly notices: readonly VenueNotice[];
  readonly change_logs: readonly WatchedPage[];
  readonly without_feed: readonly VenueWithoutFeedStatus[];
}

/** What is known of the watched pages and of the venues without a feed. */
export async function readVenueWatch(db: D1Database, config: Config, now: number): Promise<VenueWatch> {
  const [pages, probes] = await Promise.all([readPages(db), readProbes(db)]);
  const change_logs = [...watchedPages(config)].map(([venue, url]) => watchedPage(venue, url, pages));
  const without_feed = VENUES_WITHOUT_FEED.map(({ probe: { venue, title, candidates } }) => ({
    venue,
    title,
    topics_asked: candidates.length,
    ...answersOf(
      probes.find((probe) => probe.venue === venue),
      config.LIQUIDATION_PROBES.has(venue),
      now,
    ),
  }));
  const notices = [...change_logs.flatMap((page) => pageNotices(page, earlierOf(page, pages), now)), ...without_feed.flatMap(feedNotices)];
  return { notices: notices.toSorted((a, b) => b.time - a.time), change_logs, without_feed };
}

/** A page under another address than before was not read yet. */
function watchedPage(venue: string, url: string, pages: readonly StoredPage[]): WatchedPage {
  const page = pages.find((one) => one.venue === venue && one.url === url);
  return {
    venue,
    url,
    checked_time: page?.checked_time ?? null,
    changed_time: page?.changed_time ?? null,
    added: JSON.parse(page?.added ?? "[]") as readonly string[],
    added_lines: page?.added_lines ?? 0,
    removed_lines: page?.removed_lines ?? 0,
    error: page?.error ?? null,
    failing_since: page?.failing_since ?? null,
  };
}

function earlierOf({ venue, url }: WatchedPage, pages: readonly StoredPage[]): readonly EarlierChange[] {
  const page = pages.find((one) => one.venue === venue && one.url === url);
  return JSON.parse(page?.earlier ?? "[]") as readonly EarlierChange[];
}

function answersOf(
  probe: StoredProbe | undefined,
  isAsked: boolean,
  now: number,
): Omit<VenueWithoutFeedStatus, "venue" | "title" | "topics_asked"> {
  return {
    probed_time: probe?.probed_time ?? null,
    topics_refused: probe?.refused ?? 0,
    topics_unanswered: probe?.unanswered ?? 0,
    topics_accepted: probe?.accepted ?? [],
    found_time: probe?.found_time ?? null,
    next_time: isAsked ? (probe === undefined ? now : nextProbeTime(probe)) : null,
    error: probe?.error ?? null,
    failing_since: probe?.failing_since ?? null,
  };
}

function pageNotices(page: WatchedPage, earlier: readonly EarlierChange[], now: number): readonly VenueNotice[] {
  const { venue, url, changed_time, error, failing_since } = page;
  const newest = changed_time === null ? [] : [{ changed_time, text: changeText(page) }];
  const notices: VenueNotice[] = [...newest, ...earlier]
    .filter((change) => now - change.changed_time < NOTICE_MS)
    .map((change) => ({ venue, kind: "change_log", time: change.changed_time, text: `The change log of ${venue} ${change.text}`, url }));
  if (failing_since !== null && now - failing_since >= FAILING_MS) {
    const days = Math.floor((now - failing_since) / DAY_MS);
    const text = `The change log of ${venue} could not be read for ${days} days (${error ?? "no reason"}): its changes go unnoticed`;
    notices.push({ venue, kind: "change_log_failing", time: failing_since, text, url });
  }
  return notices;
}

function feedNotices({ venue, topics_accepted, found_time }: VenueWithoutFeedStatus): readonly VenueNotice[] {
  if (found_time === null || topics_accepted.length === 0) return [];
  const text = `${venue} accepts ${topics_accepted.join(", ")}: it may publish liquidations by now`;
  return [{ venue, kind: "liquidation_feed", time: found_time, text: text.slice(0, MAX_QUOTED), url: null }];
}
