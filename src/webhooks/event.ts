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

/** What an endpoint can ask for. */
export type WantedType = (typeof EVENT_TYPES)[number];

/** `webhook.test` is what the test route sends; it passes every filter and cannot be one. */
export type EventType = WantedType | "webhook.test";

/** Something that happened, as the rest of the system hands it over for delivery. */
export interface WebhookEvent {
  /** The same for the same happening, whoever reports it how often: it is delivered once. */
  readonly id: string;
  readonly type: EventType;
  /** When it happened, ms. */
  readonly time: number;
  /** Base asset; null where it concerns none. */
  readonly symbol: string | null;
  /** The record, as the API shows it. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What an endpoint wants to hear; an empty list is everything. */
export interface EventFilter {
  readonly events: readonly WantedType[];
  readonly symbols: readonly string[];
}

/** An event that concerns no base asset passes a filter on base assets: it may concern all of them. */
export function passesFilter(filter: EventFilter, event: WebhookEvent): boolean {
  const wantedType = filter.events.length === 0 || filter.events.some((type) => type === event.type);
  return wantedType && (filter.symbols.length === 0 || event.symbol === null || filter.symbols.includes(event.symbol));
}

/**
 * The `webhook-id` of an event: the same for every endpoint and attempt. A digest, since an event's id may hold a full
 * stop, which separates the parts of what is signed, or be longer than a header should be.
 */
export async function webhookIdOf(eventId: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(eventId)));
  return `msg_${[...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
