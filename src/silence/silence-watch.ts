import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import {
  type AssetChange,
  type AssetState,
  type ObservedAssets,
  countAssets,
  judgeAssets,
  othersEvents,
  withoutSuspectAssets,
} from "./asset-watch.ts";
import type { FittedVenue } from "./fitted-venue.ts";
import { type Silence, changeOf, judgeMinute } from "./judge-minute.ts";
import type { SilenceRecord } from "./silence-record.ts";
import { ACTIVITY_MINUTES, type MinuteCounts, marketMinute } from "./minute-counts.ts";

/** A feed at the end of a minute. */
export interface ObservedFeed extends ObservedAssets {
  /** Number of liquidations that its stream has delivered in all; null where it did not respond. */
  readonly delivered: number | null;
  /** Start of its connection, ms; null where it is not connected. */
  readonly connectedSince: number | null;
}

/** What a run leaves to the next one. */
export interface SilenceState {
  /** The minute that the last run was for, ms. */
  readonly time: number;
  readonly delivered: Partial<Record<ExchangeName, number>>;
  /** Oldest first, an hour at most. */
  readonly recent: readonly MinuteCounts[];
  readonly venues: Partial<Record<ExchangeName, Silence>>;
  /** Absent in what runs left before assets were judged. */
  readonly assets?: AssetState;
  /** Changes that the hub did not take, oldest first; absent where it took all. */
  readonly unsent?: readonly SilenceRecord[];
}

export interface SilenceChange {
  readonly kind: "suspect" | "cleared";
  readonly exchange: ExchangeName;
  readonly silence: Silence;
}

export interface WatchedMinute {
  readonly state: SilenceState;
  /** Of whole venues. */
  readonly changes: readonly SilenceChange[];
  /** Of single base assets of venues that deliver others. */
  readonly assetChanges: readonly AssetChange[];
}

const RECENT_MINUTES = 60;

/**
 * Judges the minute that ended at `now`. Where the run before is not a minute ago, it is not known what the minute had, and the
 * evidence waits.
 * @returns `minute` null where it is not known
 */
export function watchMinute(
  before: SilenceState | null,
  feeds: readonly ObservedFeed[],
  fitted: readonly FittedVenue[],
  moveBps: number | null,
  now: number,
): WatchedMinute {
  const known = Object.fromEntries(feeds.flatMap((feed) => (feed.delivered === null ? [] : [[feed.exchange, feed.delivered]])));
  const delivered = { ...before?.delivered, ...known };
  const start = now - MINUTE_MS;
  const isKnown = before?.time === start;
  const counts = isKnown ? minuteCounts(before, feeds, start) : {};
  const counted = countAssets(before?.assets, feeds, counts, now);
  const past = (before?.recent ?? []).filter(({ minute }) => minute > now - RECENT_MINUTES * MINUTE_MS - MINUTE_MS);
  const recent = [...past, { minute: start, move_bps: moveBps, counts, assets: isKnown ? counted.assets : {} }];
  const { venues, changes } = judgeVenues(before, delivered, feeds, fitted, recent, now);
  const suspect = new Set(feeds.map(({ exchange }) => exchange).filter((exchange) => (venues[exchange]?.suspectTime ?? null) !== null));
  const judged = judgeAssets(before?.assets, counted.state, feeds, fitted, recent, suspect, now);
  const learnt = recent.map((one) => withoutSuspectAssets(withoutSuspect(one, venues), judged.state.silences));
  return { state: { time: now, delivered, recent: learnt, venues, assets: judged.state }, changes, assetChanges: judged.changes };
}

function judgeVenues(
  before: SilenceState | null,
  delivered: SilenceState["delivered"],
  feeds: readonly ObservedFeed[],
  fitted: readonly FittedVenue[],
  recent: readonly MinuteCounts[],
  now: number,
) {
  const venues: Partial<Record<ExchangeName, Silence>> = {};
  const changes: SilenceChange[] = [];
  const counts = recent.at(-1)?.counts ?? {};
  for (const { exchange } of feeds) {
    const earlier = before?.venues[exchange] ?? null;
    const model = fitted.find((one) => one.exchange === exchange) ?? null;
    const next = judgeMinute(earlier, model, {
      now,
      count: counts[exchange] ?? null,
      // Whatever is known of the minute, a liquidation ends a silence.
      isOver: (delivered[exchange] ?? 0) > (before?.delivered[exchange] ?? Infinity),
      market: model?.model == null ? null : marketMinute(recent.slice(-ACTIVITY_MINUTES), model.averages, exchange),
      othersEvents: othersEvents(counts, exchange),
      family: 1,
    });
    if (next !== null) venues[exchange] = next;
    const change = changeOf(earlier, next);
    if (change !== null) changes.push({ ...change, exchange });
  }
  return { venues, changes };
}

function minuteCounts(before: SilenceState, feeds: readonly ObservedFeed[], start: number): Partial<Record<ExchangeName, number>> {
  const counts: Partial<Record<ExchangeName, number>> = {};
  for (const { exchange, delivered, connectedSince } of feeds) {
    const last = before.delivered[exchange];
    if (delivered === null || last === undefined || delivered < last || connectedSince === null) continue;
    if (connectedSince <= start) counts[exchange] = delivered - last;
  }
  return counts;
}

/** No model may learn from a silence that was found to be an outage, and no venue is judged by one. */
function withoutSuspect(one: MinuteCounts, venues: SilenceState["venues"]): MinuteCounts {
  const isOut = ([name, count]: readonly [string, number]) => {
    const silence = venues[name as ExchangeName];
    return count === 0 && silence?.suspectTime != null && silence.since !== null && one.minute >= silence.since;
  };
  const kept = Object.entries(one.counts).filter((entry) => !isOut(entry));
  return { ...one, counts: Object.fromEntries(kept) };
}
