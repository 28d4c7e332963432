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

/** Waits until every feed's every sink that is on has everything. @returns whether that came to be in time */
export async function untilDrained(workerUrl: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if ((await readFeeds(workerUrl)).every(isDrained)) return true;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return false;
}

function isDrained(feed: FeedStatus): boolean {
  return feed.unsealed_rows === 0 && Object.values(feed.sinks).every((sink) => sink.off_reason !== null || sink.backlog_rows === 0);
}
