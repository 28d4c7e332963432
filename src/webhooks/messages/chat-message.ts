import type { EventType, QueuedEvent } from "../event.ts";
import { exportReady, webhookDisabled, webhookFailing } from "./account-messages.ts";
import { adlWarning } from "./adl-message.ts";
import { cascadeEnded, cascadeEscalated, cascadeStarted } from "./cascade-messages.ts";
import { largeLiquidation } from "./liquidation-message.ts";
import { type ChatMessage, type Wording, tidyMessage } from "./message.ts";
import {
  feedCleared,
  feedDegraded,
  feedRecovered,
  feedSuspect,
  ledgerAnchored,
  operationsDegraded,
  operationsRecovered,
  webhookTest,
} from "./operation-messages.ts";
import { ruleDigest, ruleEscalated, ruleFired, ruleUndetermined } from "./rule-messages.ts";
import { signalGraded, signalIssued, signalsResumed, signalsSuspended } from "./signal-messages.ts";
import { venueChanged } from "./venue-message.ts";

/** The function that puts each event type into words: a new type gets a line here, and every channel has its message. */
const MESSAGES: { readonly [Type in EventType]: Wording<Type> } = {
  "signal.issued": signalIssued,
  "signal.graded": signalGraded,
  "signals.suspended": signalsSuspended,
  "signals.resumed": signalsResumed,
  "cascade.started": cascadeStarted,
  "cascade.escalated": cascadeEscalated,
  "cascade.ended": cascadeEnded,
  "liquidation.large": largeLiquidation,
  "adl.warning": adlWarning,
  "rule.fired": ruleFired,
  "rule.escalated": ruleEscalated,
  "rule.undetermined": ruleUndetermined,
  "rule.digest": ruleDigest,
  "feed.degraded": feedDegraded,
  "feed.recovered": feedRecovered,
  "feed.suspect": feedSuspect,
  "feed.cleared": feedCleared,
  "operations.degraded": operationsDegraded,
  "operations.recovered": operationsRecovered,
  "export.ready": exportReady,
  "webhook.failing": webhookFailing,
  "webhook.disabled": webhookDisabled,
  "ledger.anchored": ledgerAnchored,
  "venue.changed": venueChanged,
  "webhook.test": webhookTest,
};

/** An event in words. */
export function chatMessage(event: QueuedEvent): ChatMessage {
  return tidyMessage(MESSAGES[event.type]({ symbol: event.symbol, ...event.data }, event));
}
