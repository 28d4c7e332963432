import type { CascadeTransition } from "../cascade/cascade-record.ts";
import type { LedgerAnchor } from "../signals/ledger-anchor.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import type {
  EventOf,
  ExportReady,
  FeedDegraded,
  FeedRecovered,
  GradedSignal,
  SignalsResumed,
  SignalsSuspended,
  WebhookDisabled,
  WebhookFailing,
} from "./event.ts";

/**
 * One function per event type. The id is a function of what happened, so that an event that is published twice is
 * delivered once. Its time is when that was known. Times in ms.
 */

/** Decisions for NOTHING are published too: the spike is news even where it supports no action. */
export function signalIssued({ statistics: _input, ...data }: SignalRecord): EventOf<"signal.issued"> {
  return { id: `signal.issued:${data.signal_id}`, type: "signal.issued", time: data.created_time, symbol: data.symbol, data };
}

export function signalGraded(data: GradedSignal, time: number): EventOf<"signal.graded"> {
  return { id: `signal.graded:${data.signal_id}:${data.horizon}`, type: "signal.graded", time, symbol: data.symbol, data };
}

export function signalsSuspended(data: SignalsSuspended): EventOf<"signals.suspended"> {
  return { id: `signals.suspended:${data.since}`, type: "signals.suspended", time: data.since, symbol: null, data };
}

export function signalsResumed(data: SignalsResumed): EventOf<"signals.resumed"> {
  return { id: `signals.resumed:${data.since}`, type: "signals.resumed", time: data.resumed_time, symbol: null, data };
}

/**
 * A cascade that resumes under its id starts and ends once more, with more events. It escalates to each severity once.
 * @param time when the hub noticed the transition
 */
export function cascadeMoved(
  { kind, record: data }: CascadeTransition,
  time: number,
): EventOf<"cascade.started"> | EventOf<"cascade.escalated"> | EventOf<"cascade.ended"> {
  const { cascade_id, symbol, end_time, events, severity, market_wide } = data;
  const idOf = (...state: readonly unknown[]) => [`cascade.${kind}`, cascade_id, ...state].join(":");
  switch (kind) {
    case "started":
      return { id: idOf(events), type: "cascade.started", time, symbol, data };
    case "escalated":
      return { id: idOf(severity, market_wide), type: "cascade.escalated", time, symbol, data };
    case "ended":
      return { id: idOf(end_time, events), type: "cascade.ended", time, symbol, data };
  }
}

export function feedDegraded(data: FeedDegraded, time: number): EventOf<"feed.degraded"> {
  return { id: `feed.degraded:${data.exchange}:${data.since}`, type: "feed.degraded", time, symbol: null, data };
}

export function feedRecovered(data: FeedRecovered, time: number): EventOf<"feed.recovered"> {
  return { id: `feed.recovered:${data.exchange}:${data.since}`, type: "feed.recovered", time, symbol: null, data };
}

export function exportReady(data: ExportReady, time: number): EventOf<"export.ready"> {
  return { id: `export.ready:${data.export_id}`, type: "export.ready", time, symbol: null, data };
}

/** An endpoint that fails again after it recovered is announced again. */
export function webhookFailing(data: WebhookFailing, time: number): EventOf<"webhook.failing"> {
  return { id: `webhook.failing:${data.endpoint_id}:${data.failing_since}`, type: "webhook.failing", time, symbol: null, data };
}

export function webhookDisabled(data: WebhookDisabled, time: number): EventOf<"webhook.disabled"> {
  return { id: `webhook.disabled:${data.endpoint_id}:${data.disabled_time}`, type: "webhook.disabled", time, symbol: null, data };
}

/** A day is anchored once, so an anchor that is made again is not delivered in place of the first. */
export function ledgerAnchored(data: LedgerAnchor): EventOf<"ledger.anchored"> {
  return { id: `ledger.anchored:${data.date}`, type: "ledger.anchored", time: data.anchored_time, symbol: null, data };
}

/** @param key two tests with the same key are delivered once */
export function webhookTest(endpointId: string, key: string, time: number): EventOf<"webhook.test"> {
  return { id: `webhook.test:${key}`, type: "webhook.test", time, symbol: null, data: { endpoint_id: endpointId } };
}
