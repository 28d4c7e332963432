import type { QueuedEvent } from "../event.ts";

/** The body that Standard Webhooks recommends. Its timestamp is when the event was known; the header has the time of the attempt. */
export function standardBody(event: QueuedEvent): object {
  return { type: event.type, timestamp: new Date(event.time).toISOString(), data: event.data };
}
