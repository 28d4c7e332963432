import type { ExchangeName } from "../liquidation.ts";
import type { RuleDelivery } from "./quiet-hours.ts";
import type { FollowedRule, RuleEvent } from "./rule-machine.ts";

/** A rule that the hub follows, with what a delivery needs. */
export interface LiveRule extends RuleDelivery {
  readonly followed: FollowedRule;
  /** The id of the API key that created it, or admin. */
  readonly owner: string;
  readonly name: string;
  readonly text: string;
}

/** Something that happened to a rule, in the form that is stored, shown and delivered; times in ms. */
export interface RuleHappening {
  readonly kind: RuleEvent["kind"];
  readonly symbol: string;
  /** End of the second. */
  readonly time: number;
  readonly values: RuleEvent["values"];
  /** Id of the liquidation that it is about; null where the rule is not about single ones. */
  readonly liquidation_id: string | null;
  /** The collected venues that were not connected then. */
  readonly silent_exchanges: readonly ExchangeName[];
}

export function happeningOf({ kind, symbol, time, values, liquidation, silentExchanges }: RuleEvent): RuleHappening {
  return { kind, symbol, time, values, liquidation_id: liquidation?.event_id ?? null, silent_exchanges: silentExchanges };
}

/** The same for the same happening, however often it is computed. */
export function happeningId({ kind, ruleId, symbol, time, liquidation }: RuleEvent): string {
  return [`rule.${kind}`, ruleId, symbol, time, ...(liquidation === null ? [] : [liquidation.event_id])].join(":");
}

/** The rule of a delivery. */
export interface RuleOfDelivery {
  readonly rule_id: string;
  readonly owner: string;
  readonly name: string;
  readonly rule: string;
}

export interface LoggedHappening extends RuleHappening {
  readonly id: string;
  /** When it is delivered. */
  readonly release_time: number;
  /** Whether it is stored and not delivered, because too many came within an hour. */
  readonly omitted: boolean;
}

/** One happening, or those that quiet hours or a digest held back. */
export interface DueDelivery {
  readonly of: RuleOfDelivery;
  readonly isDigest: boolean;
  /** In order; at least one. */
  readonly happenings: readonly LoggedHappening[];
  /** Number of happenings since the delivery before that were too many within an hour. */
  readonly notSent: number;
}
