import type { FeedState } from "../feed-status.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { FeedRecovered, WebhookEvent } from "./event.ts";
import { feedDegraded, feedRecovered } from "./make-event.ts";

/** A feed that leaves `live` for less than this is reconnecting, not degraded. */
export const DEGRADED_AFTER_MS = 60_000;

/** The state of a feed in one watchdog run; `unreachable` where its object did not respond. */
export interface FeedObservation {
  readonly exchange: ExchangeName;
  readonly state: FeedState | "unreachable";
  /** Start of the current state, ms. */
  readonly since: number;
  readonly error: string | null;
}

/** A feed that is not live, kept from run to run. */
export interface FeedOutage {
  readonly exchange: ExchangeName;
  /** Start of the outage, ms. */
  readonly since: number;
  /** Whether `feed.degraded` was published. */
  readonly announced: boolean;
}

/**
 * Compares the feeds in this run with the known outages. A feed is degraded once it has not been live for 60 s, and
 * recovers once it is live again; each event is returned once. One that is off has no contract to watch, which nobody
 * wanted; feeds that are not configured are not observed, and dropped.
 * @param now the scheduled minute of the run, ms: a repeated run returns the same events under the same ids
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
    if (feed.state === "live") {
      if (before?.announced === true) events.push(feedRecovered(recoveryOf(before, feed, now), now));
      continue;
    }
    // A reconnect of a stale feed restarts the state's own `since`, but not the outage.
    const since = Math.min(before?.since ?? feed.since, feed.since);
    const announced = before?.announced === true || now - since >= DEGRADED_AFTER_MS;
    if (announced && before?.announced !== true) {
      events.push(feedDegraded({ exchange: feed.exchange, state: feed.state, since, error: feed.error }, now));
    }
    outages.push({ exchange: feed.exchange, since, announced });
  }
  return { events, outages: outages.toSorted((a, b) => (a.exchange < b.exchange ? -1 : 1)) };
}

/** The recovery began when the state became live, or with this run where the feed was live but did not respond. */
function recoveryOf(outage: FeedOutage, feed: FeedObservation, now: number): FeedRecovered {
  const recoveredTime = feed.since > outage.since ? feed.since : now;
  return {
    exchange: feed.exchange,
    state: "live",
    since: outage.since,
    recovered_time: recoveredTime,
    duration_ms: recoveredTime - outage.since,
  };
}
