import type { ExchangeName } from "../liquidation.ts";
import type { WebhookEvent } from "../webhooks/event.ts";
import { signalsResumed, signalsSuspended } from "../webhooks/make-event.ts";
import type { Comparison } from "../windows/comparison.ts";
import { isComparable } from "./spike-rule.ts";

/**
 * Whether rises count. They do not while the venues that were covered in both windows have less than 90 % of the USD: only
 * windows that rank at the 99th percentile are spikes then.
 */
export interface RuleState {
  readonly state: "active" | "suspended";
  /** The minute of the change to this state, ms. */
  readonly since: number;
  /** Share of the compared venues in the USD of the last 7 days, 0 to 1. */
  readonly compared_share: number;
  /** The venues that were not covered in both windows. */
  readonly missing_exchanges: readonly ExchangeName[];
}

/**
 * The state after a minute, and the event of its change. A rule that was never suspended becomes active without one.
 * @param comparison the compared windows of the minute: venues and share are the same for every base asset
 */
export function nextRuleState(
  known: RuleState | null,
  comparison: Comparison,
  publishing: readonly ExchangeName[],
  minute: number,
): { readonly state: RuleState; readonly event: WebhookEvent | null } {
  const name = isComparable(comparison) ? "active" : "suspended";
  const state: RuleState = {
    state: name,
    since: known?.state === name ? known.since : minute,
    compared_share: comparison.share,
    missing_exchanges: publishing.filter((exchange) => !comparison.exchanges.includes(exchange)),
  };
  if (known?.state === name) return { state, event: null };
  const { compared_share, missing_exchanges } = state;
  if (name === "suspended") return { state, event: signalsSuspended({ since: minute, compared_share, missing_exchanges }) };
  const event = known === null ? null : signalsResumed({ since: known.since, resumed_time: minute, duration_ms: minute - known.since });
  return { state, event };
}
