import type { DeliveryAttempt, DeliveryState } from "../../src/webhooks/delivery.ts";
import type { EventType } from "../../src/webhooks/event.ts";

/** A delivery as the API shows it; times in ms. */
export interface LoggedDelivery {
  /** The `webhook-id` of the delivery. */
  readonly id: string;
  readonly created_time: number;
  readonly event_id: string;
  readonly event_type: EventType;
  readonly symbol: string | null;
  readonly state: DeliveryState;
  /** Number of attempts since the delivery was queued or replayed. */
  readonly attempt_count: number;
  readonly next_attempt_time: number | null;
  /** The reason of the final failure. */
  readonly reason: string | null;
  readonly attempts: readonly DeliveryAttempt[];
}

const SELECT = `SELECT webhook_id AS id, created_time, event_id, event_type, symbol, state, tries AS attempt_count, next_attempt_time, reason, attempts
  FROM webhook_deliveries
  WHERE endpoint_id = ?1 AND (created_time, webhook_id) < (?2, ?3) AND (?4 IS NULL OR state = ?4)
  ORDER BY created_time DESC, webhook_id DESC LIMIT ?5`;

/** An endpoint's deliveries before a place, newest first. */
export async function readDeliveries(
  db: D1Database,
  endpointId: string,
  before: { readonly time: number; readonly id: string },
  state: DeliveryState | null,
  limit: number,
): Promise<readonly LoggedDelivery[]> {
  const { results } = await db
    .prepare(SELECT)
    .bind(endpointId, before.time, before.id, state, limit)
    .all<Omit<LoggedDelivery, "attempts"> & { attempts: string }>();
  return results.map((row) => ({ ...row, attempts: JSON.parse(row.attempts) as readonly DeliveryAttempt[] }));
}
