import { batch, signal } from "@preact/signals";
import { api, ask } from "../api/client.ts";
import type { FeedStatus, Liquidation } from "../api/schema.ts";
import type { AdlStatus } from "../../../src/adl/adl-state.ts";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import type { Gap } from "../../../src/gap.ts";
import type { SilenceNews } from "./silent-assets.ts";
import type { SkippedFrames, StreamGap, StreamVenue } from "../../../src/stream/frames.ts";
import type { Decision, StreamFrame } from "../stream/frames.ts";
import { noteFrameTime, serverNow } from "../stream/server-clock.ts";
import { type Connection, StreamClient } from "../stream/stream-client.ts";
import { streamTicket } from "../stream/stream-ticket.ts";
import { apiKey } from "../api/key.ts";
import { EventLog } from "./event-log.ts";
import { missedFrom } from "./missed.ts";
import { Reach, reachOf } from "./reach.ts";

/**
 * What the stream says, in one place: every component reads these signals, and only this file writes them. Frames are taken
 * at once and shown at most once per animation frame; a page in the background has no animation frames, so it draws nothing
 * and shows everything at once when it comes back.
 */
const MAX_EVENTS = 10_000;
const MAX_SILENCES = 500;
/** An ended cascade stays in the list for a while, so that it does not vanish under the eyes. */
const ENDED_SHOWN_MS = 120_000;

/** How many liquidations the page missed and got back, or did not. */
export interface Missed {
  readonly time: number;
  readonly text: string;
  readonly state: "filling" | "filled" | "lost";
}

/** A venue's auto-deleveraging, received at a time of the server's clock, ms. */
export interface AdlChange {
  readonly time: number;
  readonly adl: AdlStatus | null;
}

export const connection = signal<Connection>({ kind: "connecting" });
export const venues = signal<readonly StreamVenue[]>([]);
/** What the stream said last of each venue's auto-deleveraging, and when: only changes are sent. */
export const adlChanges = signal<ReadonlyMap<string, AdlChange>>(new Map());
/** The latest changes of silences that the stream sent, in order. */
export const silenceNews = signal<readonly SilenceNews[]>([]);
export const cascades = signal<readonly CascadeRecord[]>([]);
export const latestSignal = signal<Decision | null>(null);
/** Every liquidation that the connected venues reported before this time is here; null where nobody can say. */
export const through = signal<number | null>(null);
/** The venues that are not connected. */
export const openGaps = signal<readonly Gap[]>([]);
export const missed = signal<Missed | null>(null);
/** What the server says will not come of what was asked for, one sentence each. */
export const notices = signal<readonly string[]>([]);
type VenuePrices = ReadonlyMap<string, { readonly price: number; readonly time: number; readonly exchange: string }>;
/** By base asset the newest mark price on each venue among its liquidations. */
export const lastPrices = signal<ReadonlyMap<string, VenuePrices>>(new Map());
/** Time of the newest liquidation of each venue that came to this page. */
export const lastEventTimes = signal<ReadonlyMap<string, number>>(new Map());
/** Moves whenever `eventLog` has more events. */
export const eventsVersion = signal(0);
export const eventLog = new EventLog(MAX_EVENTS);
const reach = new Reach();
/** When the stream was opened without what happened before, by this browser's clock; null before. */
export const connectedTime = signal<number | null>(null);

/**
 * From when the page holds every liquidation of a base asset, or of all of them, ms; Infinity while nothing is known. It changes
 * with `eventsVersion`.
 */
export function completeFrom(symbol: string | null): number {
  return Math.max(reach.of(symbol), eventLog.completeFrom);
}

/** Takes liquidations that the API has stored, which are complete from `from` on. @param symbol null: of all base assets */
export function addStored(events: readonly Liquidation[], symbol: string | null, from: number): void {
  eventLog.merge(events);
  for (const event of events) noteNewest(event);
  reach.extend(symbol, from);
  hasNewEvents = true;
  frameRequest ??= requestAnimationFrame(draw);
}

/** Called with each new liquidation at once, also in the background: sounds and notifications. */
type Listener = (event: Liquidation) => void;
const listeners = new Set<Listener>();
export function onLiquidation(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const pending: StreamFrame[] = [];
let hasNewEvents = false;
let frameRequest: number | null = null;

function take(frame: StreamFrame): void {
  if (frame.type === "hello" || frame.type === "beat") noteFrameTime(frame.time);
  // Events go into their bounded log at once, so that hours in the background hold no more than that.
  if (frame.type === "liquidation") addEvent(frame.data);
  else pending.push(frame);
  frameRequest ??= requestAnimationFrame(draw);
}

const prices = new Map<string, VenuePrices>();
const eventTimes = new Map<string, number>();
function addEvent(event: Liquidation): void {
  if (!eventLog.add(event)) return;
  noteNewest(event);
  for (const listener of listeners) callSafely(listener, event);
}

/** A sound that fails must not keep the event from the next listener. */
function callSafely(listener: Listener, event: Liquidation): void {
  try {
    listener(event);
  } catch (error) {
    reportError(error);
  }
}

function noteNewest({ symbol, mark_price: price, event_time: time, exchange }: Liquidation): void {
  hasNewEvents = true;
  const known = prices.get(symbol);
  if (price !== null && time >= (known?.get(exchange)?.time ?? 0)) {
    prices.set(symbol, new Map(known).set(exchange, { price, time, exchange }));
  }
  eventTimes.set(exchange, Math.max(time, eventTimes.get(exchange) ?? 0));
}

function draw(): void {
  frameRequest = null;
  const frames = pending.splice(0);
  batch(() => {
    for (const frame of frames) show(frame);
    if (hasNewEvents) {
      eventsVersion.value += 1;
      lastPrices.value = new Map(prices);
      lastEventTimes.value = new Map(eventTimes);
      hasNewEvents = false;
    }
  });
}

function show(frame: StreamFrame): void {
  switch (frame.type) {
    case "hello":
      venues.value = frame.venues;
      notices.value = frame.notices;
      if (frame.resumed === "complete") missed.value = null;
      else connectedTime.value = Date.now();
      reach.opened(frame.resumed, frame.time);
      return;
    case "snapshot":
      venues.value = frame.venues;
      through.value = frame.through;
      cascades.value = frame.cascades;
      return;
    case "cascade":
      cascades.value = withCascade(cascades.peek(), frame.data);
      return;
    case "signal":
      latestSignal.value = frame.data;
      return;
    case "feed":
      venues.value = venues.peek().map((venue) => (venue.exchange === frame.data.exchange ? withFeed(venue, frame.data) : venue));
      adlChanges.value = new Map(adlChanges.peek()).set(frame.data.exchange, { time: serverNow(), adl: frame.data.adl_state });
      return;
    case "silence":
      silenceNews.value = [...silenceNews.peek(), { time: serverNow(), record: frame.data }].slice(-MAX_SILENCES);
      return;
    case "beat":
      through.value = frame.through;
      openGaps.value = frame.gaps;
      venues.value = withGaps(venues.peek(), frame.gaps);
      cascades.value = cascades.peek().filter(isShown);
      return;
    case "gap":
    case "skipped":
      void fillMissed(frame);
      return;
    default:
      return;
  }
}

function withFeed(venue: StreamVenue, { state, since, coverage, inferred, open_gap }: FeedStatus): StreamVenue {
  return { ...venue, state, since, coverage, inferred, open_gap };
}

function withGaps(list: readonly StreamVenue[], gaps: readonly Gap[]): readonly StreamVenue[] {
  return list.map((venue) => ({ ...venue, open_gap: gaps.find(({ exchange }) => exchange === venue.exchange) ?? null }));
}

function withCascade(list: readonly CascadeRecord[], record: CascadeRecord): readonly CascadeRecord[] {
  return [record, ...list.filter(({ cascade_id: id }) => id !== record.cascade_id)];
}

function isShown({ end_time: end }: CascadeRecord): boolean {
  return end === null || end > serverNow() - ENDED_SHOWN_MS;
}

/** Asks the API for what the stream did not send, and says what came of it. */
async function fillMissed(frame: SkippedFrames | StreamGap): Promise<void> {
  const described = missedFrom(frame);
  missed.value = { time: serverNow(), text: described.text, state: "filling" };
  const outcome = await ask(api.GET("/v1/liquidations", { params: { query: described.query } }));
  if (outcome.kind === "failed") {
    reach.cut(described.query.end);
    missed.value = { time: serverNow(), text: `${described.text} ${outcome.failure.detail}`, state: "lost" };
    return;
  }
  const added = eventLog.merge(outcome.data);
  for (const event of outcome.data) noteNewest(event);
  const isWhole = outcome.meta?.next_cursor === null;
  if (!isWhole) reach.cut(reachOf({ events: outcome.data, hasMore: true, start: described.query.start }));
  frameRequest ??= requestAnimationFrame(draw);
  missed.value = {
    time: serverNow(),
    text: `${described.text} ${added} liquidations were filled in${isWhole ? "" : "; older ones are in the archive"}.`,
    state: isWhole ? "filled" : "lost",
  };
}

const client = new StreamClient({
  parameters: { channels: "liquidation,cascade,signal,feed,silence", include: "inferred" },
  ticket: streamTicket,
  onFrame: take,
  onConnection: (next) => {
    connection.value = next;
  },
});

/** Opens the stream. Called once, when the page starts. @returns the way to close it */
export function startLiveStore(): () => void {
  client.start();
  let keyBefore = apiKey.peek();
  const stopKey = apiKey.subscribe((key) => {
    if (key !== keyBefore) client.reconnect();
    keyBefore = key;
  });
  return () => {
    stopKey();
    client.stop();
    if (frameRequest !== null) cancelAnimationFrame(frameRequest);
  };
}

export function reconnect(): void {
  client.reconnect();
}
