import type { AdlContract } from "../../../../src/adl/adl-state.ts";
import type { StreamVenue } from "../../../../src/stream/frames.ts";
import { type Status, isAnswering, useStatus } from "../../api/status.ts";
import { AdlMark } from "../../parts/adl-mark.tsx";
import { contractAt, notNormal, notNormalLines } from "../../parts/adl-text.ts";
import { COVERAGE_TEXT, fillOf } from "../../parts/coverage.tsx";
import { gapText, openGapText } from "../../parts/gap-text.ts";
import { ageText, spanText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { adlChanges, lastEventTimes, silenceNews, venues } from "../../store/live-store.ts";
import { type SilentAsset, silentAssets, silentAssetText } from "../../store/silent-assets.ts";
import { now } from "../../stream/server-clock.ts";

const STALE_EVENT_MS = 600_000;

/** Every venue with its state, the age of its last liquidation, what it reports, a gap that lasts, and contracts that are not normal. */
export function VenueStrip() {
  const status = useStatus();
  const newest = new Map<string, number>();
  for (const feed of status.data?.exchanges ?? []) {
    if (isAnswering(feed) && feed.last_event_time !== null) newest.set(feed.exchange, feed.last_event_time);
  }
  for (const [exchange, time] of lastEventTimes.value) newest.set(exchange, Math.max(newest.get(exchange) ?? 0, time));
  return (
    <ul class="venue-strip" aria-label="Venues">
      {venues.value.map((venue) => (
        <VenueChip
          key={venue.exchange}
          venue={venue}
          eventTime={newest.get(venue.exchange) ?? 0}
          adl={notNormalOf(venue.exchange, status.data)}
          silent={silentAssets(venue.exchange, status.data, silenceNews.value)}
        />
      ))}
    </ul>
  );
}

/** Contracts of a venue that are not normal, by what the status or the stream said later. */
function notNormalOf(exchange: string, status: Status | null): readonly AdlContract[] {
  const feed = status?.exchanges.find((one) => one.exchange === exchange);
  const change = adlChanges.value.get(exchange);
  const isStreamNewer = change !== undefined && change.time > (status?.time ?? 0);
  const adl = isStreamNewer ? change.adl : feed !== undefined && isAnswering(feed) ? feed.adl_state : null;
  const answeredTime = isStreamNewer ? change.time : (status?.time ?? 0);
  return notNormal((adl?.contracts ?? []).map((contract) => contractAt(contract, answeredTime, now.value)));
}

interface VenueChipProps {
  readonly venue: StreamVenue;
  readonly eventTime: number;
  /** Its contracts in another state than normal, the most severe first. */
  readonly adl: readonly AdlContract[];
  /** Its base assets that are suspiciously silent. */
  readonly silent: readonly SilentAsset[];
}

function VenueChip({ venue, eventTime, adl, silent }: VenueChipProps) {
  const { exchange, state, since, coverage, inferred, open_gap: gap } = venue;
  const age = eventTime === 0 ? null : Math.max(0, now.value - eventTime);
  const isGood = state === "live" && gap === null && silent.length === 0;
  const worst = adl[0]?.state ?? null;
  const hint = (
    <>
      <strong>{exchange}</strong>: {state ?? "not heard of yet"}
      {since === null ? "" : ` for ${spanText(now.value - since)}`}.
      <br />
      {COVERAGE_TEXT[coverage]}
      {inferred ? <div>Further liquidations are inferred from its market data.</div> : null}
      {gap === null ? null : <div>{gapText(gap)}</div>}
      {silent.map((asset) => (
        <div key={asset.symbol}>{silentAssetText(asset)}</div>
      ))}
      {notNormalLines(adl, now.value).map((line) => (
        <div key={line}>{line}</div>
      ))}
    </>
  );
  return (
    <li class={`venue venue-${isGood ? "good" : coverage === "none" && state === "live" ? "none" : "bad"}`}>
      <Hint hint={hint} class="venue-hint">
        <span class={`venue-fill venue-fill-${coverage === "none" ? "none" : fillOf(coverage)}`} aria-hidden="true" />
        <span class="venue-name">{exchange}</span>
        {silent.length === 0 ? null : (
          <span class="venue-silent">no {silent.length === 1 ? silent[0]?.symbol : `${silent.length} assets`}</span>
        )}
        {worst === null ? null : <AdlMark state={worst} />}
        <span class={`venue-age num ${age !== null && age > STALE_EVENT_MS ? "stale" : ""}`}>
          {gap !== null ? openGapText(gap, now.value) : state !== "live" ? (state ?? "waiting") : age === null ? "–" : ageText(age)}
        </span>
      </Hint>
    </li>
  );
}
