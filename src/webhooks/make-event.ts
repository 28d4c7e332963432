import type { AdlRise } from "../adl/adl-state.ts";
import type { CascadeTransition } from "../cascade/cascade-record.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { ExchangeName, Liquidation } from "../liquidation.ts";
import type { LedgerAnchor } from "../signals/ledger-anchor.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import { sizeOf } from "../rules/happening-size.ts";
import type { DueDelivery, LoggedHappening, RuleHappening } from "../rules/live-rule.ts";
import type {
  AdlWarning,
  EventOf,
  ExportReady,
  FeedCleared,
  FeedDegraded,
  FeedRecovered,
  FeedSuspect,
  GradedSignal,
  OperationsDegraded,
  OperationsRecovered,
  RuleCounts,
  SignalsResumed,
  SignalsSuspended,
  VenueChanged,
  WebhookDisabled,
  WebhookFailing,
} from "./event.ts";
import { signalContext } from "./signal-context.ts";

/**
 * One function per event type. The id is a function of what happened, so that an event that is published twice is
 * delivered once. Its time is when that was known. Times in ms.
 */

/** Decisions for NOTHING are published too: the spike is news even where it supports no action. */
export function signalIssued({ statistics, ...record }: SignalRecord): EventOf<"signal.issued"> {
  const data = { ...record, context: signalContext(statistics) };
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

/**
 * The outbox of each endpoint says how many were not sent.
 * @param time when the hub had it
 */
export function largeLiquidation(data: Liquidation, time: number): EventOf<"liquidation.large"> {
  const id = `liquidation.large:${data.event_id}`;
  return { id, type: "liquidation.large", time, symbol: data.symbol, data: { ...data, not_sent: 0 } };
}

/** @param time when the hub had it */
export function adlWarning(exchange: ExchangeName, rise: AdlRise, time: number): EventOf<"adl.warning"> {
  const { symbol, instrument, state, previous_state, since, received_time, insurance_fund, insurance_fund_currency } = rise;
  const rose = { exchange, symbol, instrument, state: state as AdlWarning["state"], previous_state, since, received_time };
  const id = ["adl.warning", exchange, instrument, state, since].join(":");
  return { id, type: "adl.warning", time, symbol, data: { ...rose, insurance_fund, insurance_fund_currency } };
}

/** As many as a chat shows at once. */
const MAX_OF_DIGEST = 20;

/**
 * What happened to a rule: alone, or the happenings that were held back as one.
 * @param exchanges the collected venues
 */
export function ruleNews({ of, isDigest, happenings, notSent: not_sent }: DueDelivery, exchanges: readonly ExchangeName[]): OfRules | null {
  const [first, last] = [happenings[0], happenings.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (!isDigest) {
    const { id, kind, symbol, time, values, liquidation_id, silent_exchanges } = first;
    const data = { ...of, symbol, time, values, liquidation_id, silent_exchanges, exchanges, not_sent };
    return { id, type: `rule.${kind}`, time, symbol, data };
  }
  const bySymbol = [...Map.groupBy(happenings, ({ symbol }) => symbol)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const data = {
    ...of,
    from_time: first.time,
    to_time: last.time,
    ...countsOf(happenings),
    by_symbol: bySymbol.map(([symbol, own]) => ({ symbol, ...countsOf(own) })),
    largest: largestOf(happenings),
    exchanges,
    silent_exchanges: EXCHANGES.filter((name) => happenings.some(({ silent_exchanges: silent }) => silent.includes(name))),
    not_sent,
    events: happenings.slice(-MAX_OF_DIGEST).toReversed().map(shownHappening),
  };
  // More than one digest may fall to the same time: what happened is found late after a restart.
  const id = ["rule.digest", last.release_time, first.id].join(":");
  return { id, type: "rule.digest", time: last.release_time, symbol: bySymbol.length === 1 ? first.symbol : null, data };
}

function countsOf(happenings: readonly LoggedHappening[]): Omit<RuleCounts, "symbol"> {
  const count = (kind: string) => happenings.filter((one) => one.kind === kind).length;
  return { fired: count("fired"), undetermined: count("undetermined") };
}

function largestOf(happenings: readonly LoggedHappening[]): RuleHappening | null {
  const sized = happenings.flatMap((one) => {
    const usd = one.kind === "fired" ? (sizeOf(one)?.usd ?? null) : null;
    return usd === null ? [] : [{ one, usd }];
  });
  const [first] = sized.toSorted((a, b) => b.usd - a.usd);
  return first === undefined ? null : shownHappening(first.one);
}

function shownHappening({ id: _id, release_time: _release, omitted: _omitted, ...happening }: LoggedHappening): RuleHappening {
  return happening;
}

type OfRules = EventOf<"rule.fired"> | EventOf<"rule.escalated"> | EventOf<"rule.undetermined"> | EventOf<"rule.digest">;

export function feedDegraded(data: FeedDegraded, time: number): EventOf<"feed.degraded"> {
  return { id: `feed.degraded:${data.exchange}:${data.since}`, type: "feed.degraded", time, symbol: null, data };
}

export function feedRecovered(data: FeedRecovered, time: number): EventOf<"feed.recovered"> {
  return { id: `feed.recovered:${data.exchange}:${data.since}`, type: "feed.recovered", time, symbol: null, data };
}

export function feedSuspect(data: FeedSuspect, time: number): EventOf<"feed.suspect"> {
  return { id: `feed.suspect:${silentPart(data)}`, type: "feed.suspect", time, symbol: data.symbol, data };
}

export function feedCleared(data: FeedCleared, time: number): EventOf<"feed.cleared"> {
  return { id: `feed.cleared:${silentPart(data)}`, type: "feed.cleared", time, symbol: data.symbol, data };
}

function silentPart({ exchange, symbol, since }: FeedSuspect | FeedCleared): string {
  return symbol === null ? `${exchange}:${since}` : `${exchange}:${symbol}:${since}`;
}

export function operationsDegraded(data: OperationsDegraded, time: number): EventOf<"operations.degraded"> {
  return { id: `operations.degraded:${data.part}:${data.since}`, type: "operations.degraded", time, symbol: null, data };
}

export function operationsRecovered(data: Omit<OperationsRecovered, "duration_ms">, time: number): EventOf<"operations.recovered"> {
  const duration_ms = data.recovered_time - data.since;
  const id = `operations.recovered:${data.part}:${data.since}`;
  return { id, type: "operations.recovered", time, symbol: null, data: { ...data, duration_ms } };
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

/**
 * The same change is published once, also where the run that found it is repeated.
 * @param key what the change led to: the hash of the new page, or the accepted topics
 */
export function venueChanged(data: VenueChanged, key: string): EventOf<"venue.changed"> {
  const id = ["venue.changed", data.venue, data.change, data.previous_time ?? 0, key].join(":");
  return { id, type: "venue.changed", time: data.found_time, symbol: null, data };
}

/** @param key two tests with the same key are delivered once */
export function webhookTest(endpointId: string, key: string, time: number): EventOf<"webhook.test"> {
  return { id: `webhook.test:${key}`, type: "webhook.test", time, symbol: null, data: { endpoint_id: endpointId } };
}
