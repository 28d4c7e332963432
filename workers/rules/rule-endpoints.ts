import type { Config } from "../../src/config.ts";
import type { WantedType } from "../../src/webhooks/event.ts";
import type { WebhookEndpoint } from "../webhooks/endpoints.ts";
import { readEndpoints } from "../webhooks/endpoints.ts";
import type { StoredRule } from "./rule-rows.ts";

/** A rule as the API shows it. */
export interface ShownRule extends StoredRule {
  /** Number of webhook endpoints of its owner that take events which it can make. */
  readonly endpoints: number;
}

/** Counts the endpoints that the events of each rule reach: without one nothing is sent. */
export async function withEndpoints(
  db: D1Database,
  config: Config,
  rules: readonly StoredRule[],
  now: number,
): Promise<readonly ShownRule[]> {
  if (rules.length === 0) return [];
  const endpoints = (await readEndpoints(db, config, now)).filter(({ disabled_time }) => disabled_time === null);
  return rules.map((rule) => ({ ...rule, endpoints: endpoints.filter((endpoint) => takesRule(endpoint, rule)).length }));
}

function takesRule({ owner, events, symbols }: WebhookEndpoint, rule: StoredRule): boolean {
  const wantsOne = events.length === 0 || eventsOf(rule).some((type) => events.includes(type));
  return owner === rule.owner && wantsOne && (symbols.length === 0 || rule.symbols.some((symbol) => symbols.includes(symbol)));
}

/** The event types that a rule can make: a digest takes the place of all but escalations, quiet hours do so for a part of the day. */
function eventsOf({ digest_minutes, quiet_hours, escalate_after_s }: StoredRule): readonly WantedType[] {
  return [
    ...(digest_minutes === null ? (["rule.fired", "rule.undetermined"] as const) : []),
    ...(digest_minutes === null && quiet_hours === null ? [] : (["rule.digest"] as const)),
    ...(escalate_after_s === null ? [] : (["rule.escalated"] as const)),
  ];
}
