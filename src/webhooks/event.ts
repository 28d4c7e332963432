import type { CascadeRecord } from "../cascade/cascade-record.ts";
import type { ExportFormat } from "../exports/export-request.ts";
import type { FeedState } from "../feed-status.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { GivenGrade, Horizon } from "../signals/grade.ts";
import type { LedgerAnchor } from "../signals/ledger-anchor.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import { hex, sha256 } from "../sha256.ts";

export const EVENT_TYPES = [
  "signal.issued",
  "signal.graded",
  "signals.suspended",
  "signals.resumed",
  "cascade.started",
  "cascade.escalated",
  "cascade.ended",
  "feed.degraded",
  "feed.recovered",
  "export.ready",
  "webhook.failing",
  "webhook.disabled",
  "ledger.anchored",
] as const;

/** The event types that an endpoint can subscribe to. */
export type WantedType = (typeof EVENT_TYPES)[number];

/** All event types. `webhook.test` is sent on request; it passes every filter and cannot be subscribed to. */
export type EventType = WantedType | "webhook.test";

/** A decision without its input. */
export type IssuedSignal = Omit<SignalRecord, "statistics">;

/** A decision with its grade over one horizon. */
export type GradedSignal = Pick<SignalRecord, "signal_id" | "symbol" | "action"> & { readonly horizon: Horizon } & GivenGrade;

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

/** The payload of each event type, in the form of the API. */
export interface EventData {
  readonly "signal.issued": IssuedSignal;
  readonly "signal.graded": GradedSignal;
  readonly "signals.suspended": SignalsSuspended;
  readonly "signals.resumed": SignalsResumed;
  readonly "cascade.started": CascadeRecord;
  readonly "cascade.escalated": CascadeRecord;
  readonly "cascade.ended": CascadeRecord;
  readonly "feed.degraded": FeedDegraded;
  readonly "feed.recovered": FeedRecovered;
  readonly "export.ready": ExportReady;
  readonly "webhook.failing": WebhookFailing;
  readonly "webhook.disabled": WebhookDisabled;
  readonly "ledger.anchored": LedgerAnchor;
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

/** The subscription of an endpoint; an empty list means all. */
export interface EventFilter {
  readonly events: readonly WantedType[];
  readonly symbols: readonly string[];
}

/** Whether an event matches a filter. An event without a base asset may concern all of them, so it matches any. */
export function passesFilter(filter: EventFilter, event: Pick<QueuedEvent, "type" | "symbol">): boolean {
  const wantedType = filter.events.length === 0 || filter.events.some((type) => type === event.type);
  return wantedType && (filter.symbols.length === 0 || event.symbol === null || filter.symbols.includes(event.symbol));
}

/** An endpoint as far as it decides which events its owner may see. */
export interface EventReceiver {
  readonly id: string;
  readonly owner: string;
  /** Whether the owner was an admin. */
  readonly seesAll: boolean;
}

/**
 * Whether an event may reach an endpoint. Events about what belongs to one owner reach that owner and admins. An endpoint
 * that fails is not sent the news of it: it could not be delivered.
 */
export function mayReceive({ id, owner, seesAll }: EventReceiver, event: WebhookEvent): boolean {
  switch (event.type) {
    case "export.ready":
      return seesAll || event.data.owner === owner;
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
