import type { Config } from "../../src/config.ts";
import type { SymbolGap } from "../../src/gap.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import type { AssetChange } from "../../src/silence/asset-watch.ts";
import { judgedAssets } from "../../src/silence/fitted-venue.ts";
import type { Silence } from "../../src/silence/judge-minute.ts";
import { type ObservedFeed, type SilenceState, watchMinute } from "../../src/silence/silence-watch.ts";
import { type MinuteClose, medianMove } from "../../src/silence/median-move.ts";
import { type SilenceRecord, silenceRecord } from "../../src/silence/silence-record.ts";
import { silenceEntry } from "../../src/stream/log-entry.ts";
import { feedCleared, feedSuspect } from "../../src/webhooks/make-event.ts";
import type { WebhookEvent } from "../../src/webhooks/event.ts";
import { within } from "../../src/within.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { readFittedVenues, readSilenceState, writeSilenceState, writeSymbolGap } from "../d1/silence-rows.ts";
import type { Env } from "../env.ts";
import { type FeedReport, suspectFeed } from "../feeds.ts";
import { publishEvent } from "../webhooks/publish-event.ts";

/** The state of the silences is stored, whether the hub answers or not. */
const HUB_PATIENCE_MS = 10_000;
/** Far more changes than the hub misses in an outage. */
const MAX_UNSENT = 200;
/** The base asset whose price stands for the market's. */
const REFERENCE = "BTC";

/**
 * Judges the silence of each venue, and of its base assets, in the minute before `now`, publishes which are suspect and which of them
 * ended, and makes a suspect silence a gap: of the feed, or of the asset. The state is stored after publishing: a run that is interrupted
 * publishes the same again, under the same ids, where the next one finds it so; where not, storing the next state ends the gap of the asset.
 */
export async function watchSilence(
  env: Env,
  config: Config,
  reports: readonly FeedReport[],
  now: number,
): Promise<{ readonly suspect: readonly string[]; readonly published: readonly string[] }> {
  const before = await readSilenceState(env.DB);
  if (before !== null && before.time >= now) return { suspect: suspects(before), published: [] };
  const [fitted, move] = await Promise.all([readFittedVenues(env.DB), readMove(env.DB, config, now)]);
  const { state, changes, assetChanges } = watchMinute(before, reports.map(observed), fitted, move, now);
  const family = judgedAssets(fitted);
  const records = [
    ...changes.map((change) => silenceRecord({ ...change, symbol: null }, 1, now)),
    ...assetChanges.map((change) => silenceRecord(change, family, now)),
  ];
  const published = [];
  for (const change of assetChanges) await writeSymbolGap(env.DB, symbolGap(change, now));
  for (const record of records) published.push(await publish(env, config, record, now));
  await markFeeds(env, config, state);
  const unsent = await stream(env, config, [...(before?.unsent ?? []), ...records]);
  await writeSilenceState(env.DB, unsent.length === 0 ? state : { ...state, unsent }, endedHour(state));
  return { suspect: suspects(state), published };
}

/**
 * Puts the changes into the stream, which has each once, however often a run is repeated.
 * @returns those that the hub did not take, for the next run
 */
async function stream(env: Env, config: Config, records: readonly SilenceRecord[]): Promise<readonly SilenceRecord[]> {
  if (records.length === 0) return records;
  try {
    await within(HUB_PATIENCE_MS, () => hubOf(env, config).noteEntries(records.map(silenceEntry)));
    return [];
  } catch (error) {
    writeLog("error", { event: "silences_not_streamed", records: records.length, error: messageOf(error) });
    return records.slice(-MAX_UNSENT);
  }
}

function suspects({ venues, assets }: SilenceState): readonly string[] {
  const ofAssets = Object.entries(assets?.silences ?? {}).flatMap(([exchange, own]) =>
    suspectNames(own).map((name) => `${exchange} ${name}`),
  );
  return [...suspectNames(venues), ...ofAssets];
}

function suspectNames(silences: Readonly<Record<string, Silence>>): readonly string[] {
  return Object.entries(silences).flatMap(([name, silence]) => (silence.suspectTime === null ? [] : [name]));
}

/** It lasts to the end of the minute in which the asset was delivered again, since nothing says which part of it is whole. */
function symbolGap({ kind, exchange, symbol, silence }: AssetChange, now: number): SymbolGap {
  return { exchange, symbol, reason: "suspect", from_time: silence.since ?? now, to_time: kind === "suspect" ? null : now };
}

function observed({ exchange, status }: FeedReport): ObservedFeed {
  if (status === null) return { exchange, delivered: null, deliveredSymbols: null, connectedSince: null };
  const isOpen = status.state === "live" && (status.open_gap === null || status.open_gap.reason === "suspect");
  const { delivered_total: delivered, delivered_symbols: deliveredSymbols } = status;
  return { exchange, delivered, deliveredSymbols: deliveredSymbols ?? null, connectedSince: isOpen ? status.since : null };
}

/** CROSS JOIN keeps the order, so that each row is found by its key. */
const MARKS = `
  SELECT exchange, minute, close FROM json_each(?2) AS venues CROSS JOIN json_each(?3) AS minutes CROSS JOIN minute_marks
  WHERE symbol = ?1 AND exchange = venues.value AND minute = minutes.value`;
/** The minute that just ended may not be stored yet. */
const MARK_MINUTES = 3;

/** @returns the absolute move in the last minute whose marks are stored, bps; null where it is not known */
export async function readMove(db: D1Database, config: Config, now: number): Promise<number | null> {
  const { LIQUIDATION_SYMBOLS: symbols, LIQUIDATION_EXCHANGES: venues } = config;
  const symbol = symbols === "*" || symbols.has(REFERENCE) ? REFERENCE : ([...symbols][0] ?? REFERENCE);
  const minutes = Array.from({ length: MARK_MINUTES }, (_, back) => now - (back + 1) * MINUTE_MS);
  const { results } = await db.prepare(MARKS).bind(symbol, JSON.stringify(venues), JSON.stringify(minutes)).all<MinuteClose>();
  return medianMove(results);
}

async function publish(env: Env, config: Config, record: SilenceRecord, now: number): Promise<string> {
  const event = eventOf(record);
  const outcome = await publishEvent(env, config, event);
  if (outcome.kind === "failed") await addDeadLetters(env.DB, "feed_events", [{ record: event.id, reason: outcome.reason }], now);
  return event.id;
}

function eventOf({
  cleared_time,
  cleared_reason,
  suspect_time,
  silent_minutes,
  silence_probability,
  ...data
}: SilenceRecord): WebhookEvent {
  if (cleared_time === null || cleared_reason === null) return feedSuspect({ ...data, silent_minutes, silence_probability }, suspect_time);
  const duration_ms = cleared_time - data.since;
  return feedCleared({ ...data, reason: cleared_reason, suspect_time, cleared_time, duration_ms }, cleared_time);
}

/** In every run, since a feed that restarted, or was cut off meanwhile, may have ended the gap. */
async function markFeeds(env: Env, config: Config, { venues, delivered }: SilenceState): Promise<void> {
  await Promise.all(
    config.LIQUIDATION_EXCHANGES.map(async (exchange) => {
      const silence = venues[exchange];
      const seen = delivered[exchange];
      if (seen === undefined || silence === undefined || silence.suspectTime === null || silence.since === null) return;
      try {
        await suspectFeed(env, config, exchange, silence.since, seen);
      } catch (error) {
        writeLog("error", { event: "feed_not_marked", exchange, since: silence.since, error: messageOf(error) });
      }
    }),
  );
}

/** The hour that the judged minute ended, with what is known of it; null in the middle of one. */
function endedHour({ time, recent }: SilenceState) {
  if (time % HOUR_MS !== 0) return null;
  const hour = floorTo(time - 1, HOUR_MS);
  return { hour, minutes: recent.filter(({ minute }) => minute >= hour && minute < time) };
}
