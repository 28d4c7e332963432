import type { WebhookEvent } from "../event.ts";

/** The body Standard Webhooks recommends; its timestamp is when the event happened, that of the header when it was sent. */
export function standardBody(event: WebhookEvent): object {
  return { type: event.type, timestamp: new Date(event.time).toISOString(), data: event.data };
}
