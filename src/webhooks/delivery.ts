import type { WebhookEvent } from "./event.ts";

/** What is kept of one attempt; times in ms. */
export interface DeliveryAttempt {
  readonly time: number;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  readonly latency_ms: number;
  readonly error: string | null;
  /** The beginning of the answer, at most 200 characters. */
  readonly response: string | null;
}

export type DeliveryState = "pending" | "delivered" | "failed";

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly webhook_id: string;
  readonly event: WebhookEvent;
  readonly created_time: number;
  readonly state: DeliveryState;
  /** Null unless pending. */
  readonly next_attempt_time: number | null;
  /** Attempts since it was queued or replayed. */
  readonly tries: number;
  /** The latest 20, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  /** Why it failed for good. */
  readonly reason: string | null;
}

export interface Disabled {
  readonly time: number;
  readonly reason: string;
}

/** Where deliveries are logged for reading. It may be behind what the endpoint's own queue knows, never ahead of it. */
export interface DeliveryLog {
  write(endpointId: string, deliveries: readonly Delivery[]): Promise<void>;
  setDisabled(endpointId: string, disabled: Disabled | null): Promise<void>;
  deleteBefore(endpointId: string, time: number): Promise<void>;
}
