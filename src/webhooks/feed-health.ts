import type { FeedState } from "../feed-status.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { WebhookEvent } from "./event.ts";

/** A feed that is shorter than this out of `live` is reconnecting, not degraded. */
export const DEGRADED_AFTER_MS = 60_000;

/** What one watchdog run saw of a feed; `unreachable` where its object could not be asked. */
export interface FeedObservation {
  readonly exchange: ExchangeName;
  readonly state: FeedState | "unreachable";
  /** Since when it is in this state, ms. */
  readonly since: number;
  readonly error: string | null;
}

/** A feed that is not live, as it is remembered from run to run. */
export interface FeedOutage {
  readonly exchange: ExchangeName;
  /** Since when it is not live, ms. */
  readonly since: number;
  /** Whether `feed.degraded` was said. */
  readonly announced: boolean;
}

/**
 * Compares what this run saw with the outages known before. A feed is degraded once it is not live for 60 s, and
 * recovers once it is live; each is said once. Feeds that are off, or not observed, are forgotten.
 * @param now the run's scheduled minute, ms: a run repeated says the same, under the same ids
 */
export function compareFeedHealth(
  known: readonly FeedOutage[],
  observed: readonly FeedObservation[],
  now: number,
): { readonly events: readonly WebhookEvent[]; readonly outages: readonly FeedOutage[] } {
  const events: WebhookEvent[] = [];
  const outages: FeedOutage[] = [];
  for (const feed of observed) {
    const before = known.find((outage) => outage.exchange === feed.exchange);
    if (feed.state === "off") continue;
    if (feed.state === "live") {
      if (before?.announced === true) events.push(recovered(before, feed, now));
      continue;
    }
    // The state's own `since` starts anew where a stale feed reconnects; the outage does not.
    const since = Math.min(before?.since ?? feed.since, feed.since);
    const announced = before?.announced === true || now - since >= DEGRADED_AFTER_MS;
    if (announced && before?.announced !== true) events.push(degraded(feed, since));
    outages.push({ exchange: feed.exchange, since, announced });
  }
  return { events, outages: outages.toSorted((a, b) => (a.exchange < b.exchange ? -1 : 1)) };
}

function degraded(feed: FeedObservation, since: number): WebhookEvent {
  const data = { exchange: feed.exchange, state: feed.state, since, error: feed.error };
  return { id: `feed.degraded:${feed.exchange}:${since}`, type: "feed.degraded", time: since + DEGRADED_AFTER_MS, symbol: null, data };
}

/** Heard again since its state became live; since this run where it was live all the time and only could not be asked. */
function recovered(outage: FeedOutage, feed: FeedObservation, now: number): WebhookEvent {
  const recoveredTime = feed.since > outage.since ? feed.since : now;
  const data = {
    exchange: feed.exchange,
    state: feed.state,
    since: outage.since,
    recovered_time: recoveredTime,
    duration_ms: recoveredTime - outage.since,
  };
  return { id: `feed.recovered:${feed.exchange}:${outage.since}`, type: "feed.recovered", time: recoveredTime, symbol: null, data };
}
