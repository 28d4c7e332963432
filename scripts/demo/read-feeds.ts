import type { FeedStatus } from "../../src/feed-status.ts";

/** The feeds' own words from `/v1/status`; feeds that are off or did not respond are omitted. */
export async function readFeeds(workerUrl: string): Promise<readonly FeedStatus[]> {
  const response = await fetch(`${workerUrl}/v1/status`);
  if (!response.ok) throw new Error(`/v1/status answered ${response.status}: ${await response.text()}`);
  const body = (await response.json()) as { data: { exchanges: readonly (FeedStatus | { readonly error: string })[] } };
  return body.data.exchanges.filter((feed) => "sinks" in feed);
}

/** Waits until every feed is live, for as long as it takes. */
export async function untilLive(workerUrl: string): Promise<void> {
  for (;;) {
    const feeds = await readFeeds(workerUrl);
    if (feeds.length > 0 && feeds.every(({ state }) => state === "live")) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

const DRAIN_POLL_MS = 2_500;

/**
 * Waits until every feed's every sink that is on has everything; a status that cannot be read is asked for again.
 * @returns whether that came to be in time
 */
export async function untilDrained(workerUrl: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    // Others ask too, and an address may ask 120 times a minute.
    const feeds = await readFeeds(workerUrl).catch(() => null);
    if (feeds?.every(isDrained) === true) return true;
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
  return false;
}

/** A socket with anything left to read gives something within this time. */
const UNREAD_MS = 3_000;

/**
 * Waits until the stores have everything, and nothing more comes out of sockets that were not read to their end.
 * @returns whether that was so in time
 */
export async function untilRead(workerUrl: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (let before = -1; Date.now() < deadline;) {
    if (!(await untilDrained(workerUrl, deadline - Date.now()))) return false;
    const events = (await readFeeds(workerUrl)).reduce((sum, feed) => sum + feed.events_total, 0);
    if (events === before) return true;
    before = events;
    await new Promise((resolve) => setTimeout(resolve, UNREAD_MS));
  }
  return false;
}

function isDrained(feed: FeedStatus): boolean {
  return feed.unsealed_rows === 0 && Object.values(feed.sinks).every((sink) => sink.off_reason !== null || sink.backlog_rows === 0);
}
