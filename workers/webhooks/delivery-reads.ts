import type { DeliveryAttempt, DeliveryState } from "../../src/webhooks/delivery.ts";
import type { EventType } from "../../src/webhooks/event.ts";
import { type ScannedRows, scanPage } from "../d1/scan-page.ts";
import type { TimedPlace } from "../d1/timed-place.ts";

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

const COLUMNS = [
  "webhook_id",
  "created_time",
  "event_id",
  "event_type",
  "symbol",
  "state",
  "tries AS attempt_count",
  "next_attempt_time",
  "reason",
  "attempts",
];

type Row = Omit<LoggedDelivery, "id" | "attempts"> & { readonly webhook_id: string; readonly attempts: string };

/** An endpoint's deliveries before a place, newest first. */
export async function readDeliveries(
  db: D1Database,
  endpointId: string,
  after: TimedPlace | null,
  state: DeliveryState | null,
  limit: number,
): Promise<ScannedRows<LoggedDelivery>> {
  const { rows, stoppedAt } = await scanPage<Row>(db, {
    columns: COLUMNS,
    from: "webhook_deliveries",
    key: ["created_time", "webhook_id"],
    order: "desc",
    within: [["endpoint_id = ?", [endpointId]]],
    filters: state === null ? [] : [["state = ?", [state]]],
    after: after === null ? null : [after.time, after.name],
    limit,
  });
  const deliveries = rows.map(({ webhook_id: id, attempts, ...row }) => ({
    id,
    ...row,
    attempts: JSON.parse(attempts) as readonly DeliveryAttempt[],
  }));
  return { rows: deliveries, stoppedAt };
}
