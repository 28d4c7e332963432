export const EVENT_TYPES = [
  "signal.issued",
  "signal.graded",
  "cascade.started",
  "cascade.escalated",
  "cascade.ended",
  "feed.degraded",
  "feed.recovered",
  "export.ready",
] as const;

/** The event types that an endpoint can subscribe to. */
export type WantedType = (typeof EVENT_TYPES)[number];

/** All event types. `webhook.test` is sent on request; it passes every filter and cannot be subscribed to. */
export type EventType = WantedType | "webhook.test";

/** An event to deliver. */
export interface WebhookEvent {
  /** Unique id: an event that is published twice under the same id is delivered once. */
  readonly id: string;
  readonly type: EventType;
  /** Time of the event, ms. */
  readonly time: number;
  /** Base asset; null where the event concerns none. */
  readonly symbol: string | null;
  /** The record in the form of the API. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The subscription of an endpoint; an empty list means all. */
export interface EventFilter {
  readonly events: readonly WantedType[];
  readonly symbols: readonly string[];
}

/** Whether an event matches a filter. An event without a base asset may concern all of them, so it matches any. */
export function passesFilter(filter: EventFilter, event: WebhookEvent): boolean {
  const wantedType = filter.events.length === 0 || filter.events.some((type) => type === event.type);
  return wantedType && (filter.symbols.length === 0 || event.symbol === null || filter.symbols.includes(event.symbol));
}

/**
 * The `webhook-id` of an event: the same for every endpoint and attempt. It is a digest, because an event's id may be too
 * long for a header or contain a full stop, which separates the parts of the signed content.
 */
export async function webhookIdOf(eventId: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(eventId)));
  return `msg_${[...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
