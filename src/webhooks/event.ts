import type { AdlState } from "../adl/adl-state.ts";
import type { CascadeRecord } from "../cascade/cascade-record.ts";
import type { ExportFormat } from "../exports/export-request.ts";
import type { FeedState } from "../feed-status.ts";
import type { ExchangeName, Liquidation } from "../liquidation.ts";
import type { GradeRecord } from "../grades/grade-ledger.ts";
import type { WatchedPart } from "../operations.ts";
import type { RuleHappening, RuleOfDelivery } from "../rules/live-rule.ts";
import type { LedgerAnchor } from "../signals/ledger-anchor.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import type { Action } from "../signals/verdict.ts";
import { hex, sha256 } from "../sha256.ts";
import { type MinUsd, minUsdOf } from "./min-usd.ts";
import type { SignalContext } from "./signal-context.ts";

export const EVENT_TYPES = [
  "signal.issued",
  "signal.graded",
  "signals.suspended",
  "signals.resumed",
  "cascade.started",
  "cascade.escalated",
  "cascade.ended",
  "liquidation.large",
  "adl.warning",
  "rule.fired",
  "rule.escalated",
  "rule.undetermined",
  "rule.digest",
  "feed.degraded",
  "feed.recovered",
  "feed.suspect",
  "feed.cleared",
  "operations.degraded",
  "operations.recovered",
  "export.ready",
  "webhook.failing",
  "webhook.disabled",
  "ledger.anchored",
  "venue.changed",
] as const;

/** The event types that an endpoint can subscribe to. */
export type WantedType = (typeof EVENT_TYPES)[number];

/** All event types. `webhook.test` is sent on request; it passes every filter and cannot be subscribed to. */
export type EventType = WantedType | "webhook.test";

/** A decision without its input, but with what it was about. */
export interface IssuedSignal extends Omit<SignalRecord, "statistics"> {
  /** Null where the input cannot be read; absent in events of before 2026-11-29. */
  readonly context?: SignalContext | null;
}

/** A decision with its grade over one horizon. */
export type GradedSignal = Pick<SignalRecord, "symbol" | "action" | "confidence" | "paper"> & GradeRecord;

/** Rises count no longer, because too few venues were covered in both windows. Times in ms. */
export interface SignalsSuspended {
  readonly since: number;
  /** Share of the covered venues in the USD of the last 7 days, 0 to 1. */
  readonly compared_share: number;
  readonly missing_exchanges: readonly ExchangeName[];
}

/** Rises count again. Times in ms. */
export interface SignalsResumed {
  readonly since: number;
  readonly resumed_time: number;
  readonly duration_ms: number;
}

/** A liquidation of at least the size that the endpoint asks for. */
export interface LargeLiquidation extends Liquidation {
  /** Number of as large ones since the one sent before this that were not sent, because too many came within a minute. */
  readonly not_sent: number;
}

/** A venue warns that it may deleverage positions of a contract, or deleverages them. Times in ms. */
export interface AdlWarning {
  readonly exchange: ExchangeName;
  readonly symbol: string;
  readonly instrument: string;
  readonly state: Extract<AdlState, "warning" | "adl">;
  /** Null where it was not known. */
  readonly previous_state: AdlState | null;
  /** Start of the state, by the venue's time. */
  readonly since: number;
  /** When it was received. */
  readonly received_time: number;
  /** Balance at that time; null where the venue does not publish it. */
  readonly insurance_fund: number | null;
  readonly insurance_fund_currency: string | null;
}

/** Something that happened to a rule of a caller. */
export interface RuleNews extends RuleOfDelivery, Omit<RuleHappening, "kind"> {
  /** The collected venues, which sums over venues are of. */
  readonly exchanges: readonly ExchangeName[];
  /** Number of happenings since the delivery before that were not sent, because too many came within an hour. */
  readonly not_sent: number;
}

/** How often a rule fired and was undetermined for one base asset. */
export interface RuleCounts {
  readonly symbol: string;
  readonly fired: number;
  readonly undetermined: number;
}

/** What happened to a rule in its quiet hours, or since its digest before. Times in ms. */
export interface RuleDigest extends RuleOfDelivery {
  readonly from_time: number;
  readonly to_time: number;
  readonly fired: number;
  readonly undetermined: number;
  /** The same by base asset, in alphabetical order. */
  readonly by_symbol: readonly RuleCounts[];
  /** The firing with the largest USD: of its liquidation, else of its windows and cascades; null without either. */
  readonly largest: RuleHappening | null;
  /** The collected venues, which sums over venues are of. */
  readonly exchanges: readonly ExchangeName[];
  /** Those that were not connected at any of what happened; absent in events of before 2026-11-29. */
  readonly silent_exchanges?: readonly ExchangeName[];
  readonly not_sent: number;
  /** The latest ones, newest first. */
  readonly events: readonly RuleHappening[];
}

/** A venue that has not been live for 60 s; `unreachable` where its object did not respond. Times in ms. */
export interface FeedDegraded {
  readonly exchange: ExchangeName;
  readonly state: Exclude<FeedState, "live"> | "unreachable";
  readonly since: number;
  readonly error: string | null;
}

/** A venue that is live again. Times in ms. */
export interface FeedRecovered {
  readonly exchange: ExchangeName;
  readonly state: "live";
  /** Time at which it stopped being live. */
  readonly since: number;
  readonly recovered_time: number;
  readonly duration_ms: number;
}

/** A venue that is connected, but silent for longer than the others explain, as a whole or for one base asset. Times in ms. */
export interface FeedSuspect {
  readonly exchange: ExchangeName;
  /** Base asset, where the venue delivers others; null where all of it is silent. */
  readonly symbol: string | null;
  /** Start of the silence. */
  readonly since: number;
  readonly silent_minutes: number;
  /** At most so many of the days on which a venue delivers have such a silence, 0 to 1. */
  readonly silence_probability: number;
  /** Liquidations of the other venues since then. */
  readonly others_events: number;
}

/** Why a suspect silence ended: a liquidation arrived, or the venue no longer lists the base asset. */
export const CLEARED_REASONS = ["delivered", "unlisted"] as const;

/** A suspect venue or base asset whose silence ended. Times in ms. */
export interface FeedCleared {
  readonly exchange: ExchangeName;
  readonly symbol: string | null;
  readonly since: number;
  readonly reason: (typeof CLEARED_REASONS)[number];
  readonly suspect_time: number;
  readonly cleared_time: number;
  readonly duration_ms: number;
  readonly others_events: number;
}

/** A part of the Worker, beside the feeds, that does not work. Times in ms. */
export interface OperationsDegraded {
  readonly part: WatchedPart;
  /** The last time it is known to have worked. */
  readonly since: number;
  readonly error: string;
}

/** A part of the Worker that works again. Times in ms. */
export interface OperationsRecovered {
  readonly part: WatchedPart;
  readonly since: number;
  readonly recovered_time: number;
  readonly duration_ms: number;
}

/** An export with files ready for download. Times in ms. */
export interface ExportReady {
  readonly export_id: string;
  readonly owner: string;
  readonly rows: number;
  readonly bytes: number | null;
  readonly files: number | null;
  readonly format: ExportFormat;
  readonly start: number;
  readonly end: number;
  readonly expires_time: number | null;
}

/** An endpoint that fails, before it is disabled for it. Times in ms. */
export interface WebhookFailing {
  readonly endpoint_id: string;
  readonly owner: string;
  readonly url: string;
  readonly description: string | null;
  readonly failing_since: number;
  readonly will_be_disabled_time: number;
  readonly error: string;
}

/** An endpoint that receives nothing any more until it is enabled. Times in ms. */
export interface WebhookDisabled {
  readonly endpoint_id: string;
  readonly owner: string;
  readonly url: string;
  readonly description: string | null;
  readonly disabled_time: number;
  readonly reason: string;
}

export const VENUE_CHANGES = ["change_log", "liquidation_feed"] as const;

/** A venue's change log says something new, or a venue without a feed accepts a topic of liquidations. Times in ms. */
export interface VenueChanged {
  /** Name of the venue, which need not be one that is collected. */
  readonly venue: string;
  readonly change: (typeof VENUE_CHANGES)[number];
  readonly url: string;
  readonly found_time: number;
  /** The last time before at which it was looked at successfully; null for the first time. */
  readonly previous_time: number | null;
  /** The first new lines of the page, cut to a maximum length, or the accepted topics. */
  readonly added: readonly string[];
  readonly added_lines: number;
  readonly removed_lines: number;
}

/** The payload of each event type, in the form of the API. */
export interface EventData {
  readonly "signal.issued": IssuedSignal;
  readonly "signal.graded": GradedSignal;
  readonly "signals.suspended": SignalsSuspended;
  readonly "signals.resumed": SignalsResumed;
  readonly "cascade.started": CascadeRecord;
  readonly "cascade.escalated": CascadeRecord;
  readonly "cascade.ended": CascadeRecord;
  readonly "liquidation.large": LargeLiquidation;
  readonly "adl.warning": AdlWarning;
  readonly "rule.fired": RuleNews;
  readonly "rule.escalated": RuleNews;
  readonly "rule.undetermined": RuleNews;
  readonly "rule.digest": RuleDigest;
  readonly "feed.degraded": FeedDegraded;
  readonly "feed.recovered": FeedRecovered;
  readonly "feed.suspect": FeedSuspect;
  readonly "feed.cleared": FeedCleared;
  readonly "operations.degraded": OperationsDegraded;
  readonly "operations.recovered": OperationsRecovered;
  readonly "export.ready": ExportReady;
  readonly "webhook.failing": WebhookFailing;
  readonly "webhook.disabled": WebhookDisabled;
  readonly "ledger.anchored": LedgerAnchor;
  readonly "venue.changed": VenueChanged;
  readonly "webhook.test": { readonly endpoint_id: string };
}

/** An event read from a queue: the type of its data is no longer known. */
export interface QueuedEvent {
  /** Unique id: an event that is published twice under the same id is delivered once. */
  readonly id: string;
  readonly type: EventType;
  /** Time at which the event was known, ms: not that of what happened, which `data` holds. */
  readonly time: number;
  /** Base asset; null where the event concerns none. */
  readonly symbol: string | null;
  readonly data: object;
}

export interface EventOf<Type extends EventType> extends QueuedEvent {
  readonly type: Type;
  readonly data: EventData[Type];
}

/** An event to deliver, created by the functions of `make-event.ts`. */
export type WebhookEvent = { readonly [Type in EventType]: EventOf<Type> }[EventType];

/** The result of queueing an event for every endpoint that wants it; `final` where another attempt would fail too. */
export type PublishOutcome = { readonly kind: "queued" } | { readonly kind: "failed"; readonly reason: string; readonly final: boolean };

/** Programs get every decision. People get NOTHING only where they ask for it. */
export function defaultActions(format: "standard" | (string & {})): readonly Action[] {
  return format === "standard" ? [] : ["BUY", "SELL"];
}

/** The subscription of an endpoint; an empty list means all. */
export interface EventFilter {
  readonly events: readonly WantedType[];
  readonly symbols: readonly string[];
  /** Of decisions and their grades. */
  readonly actions: readonly Action[];
  /** The least confidence of decisions to buy or sell and of their grades, percent; null means any. */
  readonly min_confidence: number | null;
  /** The smallest liquidations to send as `liquidation.large`; null means none. */
  readonly min_usd: MinUsd | null;
  /** The least USD of a cascade so far, and of the liquidated side of a decision; null means any. */
  readonly min_flow_usd: MinUsd | null;
}

/** Whether an event matches a filter. */
export function passesFilter(filter: EventFilter, event: WebhookEvent): boolean {
  const wantedType = filter.events.length === 0 || filter.events.some((type) => type === event.type);
  if (!wantedType || !hasSymbol(filter, event)) return false;
  switch (event.type) {
    case "signal.issued":
      return isWantedDecision(filter, event.data) && hasFlow(filter, event.data.symbol, event.data.context?.side_usd ?? null);
    case "signal.graded":
      return isWantedDecision(filter, event.data);
    case "cascade.started":
    case "cascade.escalated":
    case "cascade.ended":
      return hasFlow(filter, event.data.symbol, event.data.usd);
    case "liquidation.large":
      return isLargeEnough(filter.min_usd, event.data);
    default:
      return true;
  }
}

/** An event without a base asset may concern all of them, so it matches any, except that a digest names those that it is of. */
function hasSymbol({ symbols }: EventFilter, event: WebhookEvent): boolean {
  if (symbols.length === 0) return true;
  if (event.type === "rule.digest") return event.data.by_symbol.some(({ symbol }) => symbols.includes(symbol));
  return event.symbol === null || symbols.includes(event.symbol);
}

/** NOTHING has no confidence, so no confidence keeps it back. */
function isWantedDecision(
  { actions, min_confidence }: EventFilter,
  { action, confidence }: Pick<SignalRecord, "action" | "confidence">,
): boolean {
  if (actions.length > 0 && !actions.includes(action)) return false;
  return min_confidence === null || action === "NOTHING" || confidence >= min_confidence;
}

function hasFlow({ min_flow_usd }: EventFilter, symbol: string, usd: number | null): boolean {
  if (min_flow_usd === null) return true;
  const least = minUsdOf(min_flow_usd, symbol);
  return least !== null && usd !== null && usd >= least;
}

/** What no venue reported is never sent. */
function isLargeEnough(minUsd: MinUsd | null, { symbol, usd_value: usd, coverage }: Liquidation): boolean {
  const least = minUsdOf(minUsd, symbol);
  return least !== null && usd !== null && usd >= least && coverage !== "inferred";
}

/** An endpoint as far as it decides which events its owner may see. */
export interface EventReceiver {
  readonly id: string;
  readonly owner: string;
  /** Whether the owner was an admin. */
  readonly seesAll: boolean;
}

/**
 * Whether an event may reach an endpoint. Events about what belongs to one owner reach that owner and admins, except that
 * what happens to a rule is its owner's own. An endpoint that fails is not sent the news of it: it could not be delivered.
 */
export function mayReceive({ id, owner, seesAll }: EventReceiver, event: WebhookEvent): boolean {
  switch (event.type) {
    case "export.ready":
      return seesAll || event.data.owner === owner;
    case "rule.fired":
    case "rule.escalated":
    case "rule.undetermined":
    case "rule.digest":
      return event.data.owner === owner;
    case "webhook.failing":
    case "webhook.disabled":
      return event.data.endpoint_id !== id && (seesAll || event.data.owner === owner);
    default:
      return true;
  }
}

/**
 * The `webhook-id` of an event: the same for every endpoint and attempt. It is a digest, because an event's id may be too
 * long for a header or contain a full stop, which separates the parts of the signed content.
 */
export async function webhookIdOf(eventId: string): Promise<string> {
  return `msg_${hex((await sha256(eventId)).subarray(0, 16))}`;
}
