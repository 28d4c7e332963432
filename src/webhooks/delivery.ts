import type { QueuedEvent } from "./event.ts";

/** The record of one attempt; times in ms. */
export interface DeliveryAttempt {
  readonly time: number;
  /** HTTP status; null where there was no response. */
  readonly status: number | null;
  readonly latency_ms: number;
  readonly error: string | null;
  /** The first 200 characters of the response. */
  readonly response: string | null;
}

export type DeliveryState = "pending" | "delivered" | "failed";

/** The delivery of one event to one endpoint. */
export interface Delivery {
  readonly webhook_id: string;
  readonly event: QueuedEvent;
  readonly created_time: number;
  readonly state: DeliveryState;
  /** Null unless pending. */
  readonly next_attempt_time: number | null;
  /** Number of attempts since the delivery was queued or replayed; those answered with 429 do not count for three days. */
  readonly tries: number;
  /** The latest 20, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  /** The reason of the final failure. */
  readonly reason: string | null;
}

export interface Disabled {
  readonly time: number;
  readonly reason: string;
}

/** Failures in a row that will disable an endpoint; times in ms. */
export interface Failing {
  readonly since: number;
  /** The earliest time at which further failures disable the endpoint. */
  readonly will_be_disabled_time: number;
  readonly error: string;
}

/** The readable log of deliveries. It may lag behind the endpoint's own queue, but is never ahead of it. */
export interface DeliveryLog {
  write(endpointId: string, deliveries: readonly Delivery[]): Promise<void>;
  setDisabled(endpointId: string, disabled: Disabled | null): Promise<void>;
  setFailing(endpointId: string, failing: Failing | null): Promise<void>;
  deleteBefore(endpointId: string, time: number): Promise<void>;
}
