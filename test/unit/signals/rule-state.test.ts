import { expect, test } from "vitest";
import { nextRuleState, type RuleState } from "../../../src/signals/rule-state.ts";
import type { Comparison } from "../../../src/windows/comparison.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { MINUTE, sampleSymbolWindow } from "./sample-input.ts";

const VENUES = ["bybit", "binance"] as const;

function over(exchanges: Comparison["exchanges"], share: number): Comparison {
  return { ...sampleSymbolWindow({}).comparison, exchanges, share };
}

test("rises are suspended and resumed with one event each, and nothing is said while nothing changes", () => {
  const minutes = [over(VENUES, 1), over(["bybit"], 0.6), over([], 0), over(VENUES, 0.95), over(VENUES, 1)];
  let state: RuleState | null = null;
  const events = minutes.map((comparison, index) => {
    const next = nextRuleState(state, comparison, VENUES, MINUTE + index * MINUTE_MS);
    state = next.state;
    return next.event;
  });
  expect(events).toMatchObject([
    null,
    {
      type: "signals.suspended",
      time: MINUTE + MINUTE_MS,
      data: { since: MINUTE + MINUTE_MS, compared_share: 0.6, missing_exchanges: ["binance"] },
    },
    null,
    { type: "signals.resumed", time: MINUTE + 3 * MINUTE_MS, data: { since: MINUTE + MINUTE_MS, duration_ms: 2 * MINUTE_MS } },
    null,
  ]);
  expect(state).toEqual({ state: "active", since: MINUTE + 3 * MINUTE_MS, compared_share: 1, missing_exchanges: [] });
});

test("a venue with little USD that is silent suspends nothing, and is named", () => {
  const { state, event } = nextRuleState(null, over(["bybit"], 0.96), VENUES, MINUTE);
  expect(event).toBeNull();
  expect(state).toMatchObject({ state: "active", missing_exchanges: ["binance"] });
});
