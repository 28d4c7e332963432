import type { Config } from "../../src/config.ts";
import type { ProbeOutcome } from "../../src/exchanges/feed-probe.ts";
import { messageOf } from "../../src/message-of.ts";
import { venueChanged } from "../../src/webhooks/make-event.ts";
import { type StoredProbe, nextProbeTime, readProbes, writeProbe } from "../d1/venue-probes.ts";
import type { Env } from "../env.ts";
import { publishVenueChange } from "../venue-watch/publish-venue-change.ts";

export type FeedProbesRecord = { readonly probed: null } | ({ readonly probed: string } & ProbeOutcome);

/** Asks a venue; never rejects. */
export type AskVenue = (venue: string) => Promise<ProbeOutcome>;

/**
 * Asks the venues without a feed once a week whether they publish liquidations by now, at most one of them in a run. A
 * newly accepted topic is published, and stored after that: a run that is interrupted publishes the same again.
 */
export async function feedProbes(env: Env, config: Config, now: number, ask: AskVenue = askFrom(env)): Promise<FeedProbesRecord> {
  const stored = new Map((await readProbes(env.DB)).map((probe) => [probe.venue, probe]));
  const due = [...config.LIQUIDATION_PROBES].find(([name]) => {
    const probe = stored.get(name);
    return probe === undefined || now >= nextProbeTime(probe);
  });
  if (due === undefined) return { probed: null };
  const [venue, url] = due;
  const before = stored.get(venue);
  const outcome = await ask(venue);
  const found = outcome.accepted.filter((topic) => before?.accepted.includes(topic) !== true);
  if (found.length > 0) {
    const previous_time = before?.probed_time ?? null;
    const data = { venue, change: "liquidation_feed" as const, url, found_time: now, previous_time, added: found };
    const event = venueChanged({ ...data, added_lines: found.length, removed_lines: 0 }, found.join(","));
    await publishVenueChange(env, config, event, now);
  }
  await writeProbe(env.DB, nextProbe(venue, before, outcome, now));
  return { probed: venue, ...outcome };
}

/** A probe that proves nothing keeps what the one before found. */
function nextProbe(venue: string, before: StoredProbe | undefined, outcome: ProbeOutcome, now: number): StoredProbe {
  const { error, accepted, refused, unanswered } = outcome;
  if (error !== null) {
    const known = before ?? { probed_time: null, accepted: [], refused: 0, unanswered: 0, found_time: null, failing_since: null };
    const all = [...new Set([...known.accepted, ...accepted])];
    const found_time = known.found_time ?? (accepted.length > 0 ? now : null);
    return { ...known, venue, attempted_time: now, accepted: all, found_time, error, failing_since: known.failing_since ?? now };
  }
  const found_time = accepted.length > 0 ? (before?.found_time ?? now) : null;
  return { venue, attempted_time: now, probed_time: now, accepted, refused, unanswered, found_time, error: null, failing_since: null };
}

/** One object asks all of them: it is near the venues, which the cron need not be. */
const PROBING_OBJECT = "probes";
const LOCATION_HINT = "apac";

function askFrom(env: Env): AskVenue {
  return async (venue) => {
    try {
      return await env.EXCHANGE_FEED.getByName(PROBING_OBJECT, { locationHint: LOCATION_HINT }).probe(venue);
    } catch (error) {
      return { error: messageOf(error), accepted: [], refused: 0, unanswered: 0 };
    }
  };
}
