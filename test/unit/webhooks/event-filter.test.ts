import { describe, expect, test } from "vitest";
import { type EventFilter, type EventType, type WebhookEvent, defaultActions, passesFilter } from "../../../src/webhooks/event.ts";
import { BUILT_IN_EVENTS } from "../../../src/webhooks/built-in-endpoints.ts";
import { SIGNAL, sampleOf } from "./sample-events.ts";

const ALL: EventFilter = { events: [], symbols: [], actions: [], min_confidence: null, min_usd: null, min_flow_usd: null };
const passes = (filter: Partial<EventFilter>, type: EventType, changes: Readonly<Record<string, unknown>> = {}) =>
  passesFilter({ ...ALL, ...filter }, sampleOf(type, changes) as WebhookEvent);

describe("a filter of decisions", () => {
  test("programs get NOTHING unless they refuse it, people only if they ask for it", () => {
    const nothing = { action: "NOTHING", confidence: 0 };
    expect(passes({ actions: defaultActions("standard") }, "signal.issued", nothing)).toBe(true);
    for (const format of ["telegram", "discord", "slack", "email"]) {
      expect(passes({ actions: defaultActions(format) }, "signal.issued", nothing)).toBe(false);
      expect(passes({ actions: defaultActions(format) }, "signal.issued")).toBe(true);
    }
    expect(passes({ actions: ["NOTHING"], min_confidence: 60 }, "signal.issued", nothing)).toBe(true);
  });

  test("by action and confidence is one of their grades too", () => {
    for (const type of ["signal.issued", "signal.graded"] as const) {
      expect(passes({ actions: ["SELL"] }, type)).toBe(false);
      expect(passes({ actions: ["SELL", "BUY"], min_confidence: 61.6 }, type)).toBe(true);
      expect(passes({ min_confidence: 61.7 }, type)).toBe(false);
    }
  });

  test("by USD looks at the side that was liquidated more, and lets no unknown size through", () => {
    expect(passes({ min_flow_usd: 12_431_000 }, "signal.issued")).toBe(true);
    expect(passes({ min_flow_usd: 12_431_001 }, "signal.issued")).toBe(false);
    expect(passes({ min_flow_usd: { ETH: 1, "*": 20_000_000 } }, "signal.issued")).toBe(false);
    expect(passes({ min_flow_usd: { ETH: 1 } }, "signal.issued"), "not named").toBe(false);
    expect(passes({ min_flow_usd: 1 }, "signal.issued", { context: { ...SIGNAL.context, side_usd: null } })).toBe(false);
    expect(passes({ min_flow_usd: 1 }, "signal.issued", { context: null })).toBe(false);
    expect(passes({}, "signal.issued", { context: null })).toBe(true);
  });
});

test("a cascade passes from the change on at which it is large enough", () => {
  const types = ["cascade.started", "cascade.escalated", "cascade.ended"] as const;
  expect(types.map((type) => passes({ min_flow_usd: 5_000_000 }, type))).toEqual([false, true, true]);
});

test("a digest of several base assets passes a filter on one of them, other events without a base asset pass any", () => {
  expect(["ETH", "SOL"].map((symbol) => passes({ symbols: [symbol] }, "rule.digest"))).toEqual([true, false]);
  expect(passes({ symbols: ["SOL"] }, "feed.degraded")).toBe(true);
});

test("filters of decisions and cascades let everything else through", () => {
  const strict: Partial<EventFilter> = { actions: ["SELL"], min_confidence: 100, min_flow_usd: 1e12 };
  for (const type of ["feed.degraded", "export.ready", "signals.suspended", "webhook.test"] as const)
    expect(passes(strict, type), type).toBe(true);
});

test("a built-in chat is sent what is news of the market or the system, and no flood of it", () => {
  const filter = { events: BUILT_IN_EVENTS, actions: defaultActions("telegram") };
  for (const type of ["signal.issued", "cascade.started", "rule.fired", "feed.degraded", "venue.changed"] as const)
    expect(passes(filter, type), type).toBe(true);
  for (const type of ["signal.graded", "liquidation.large", "adl.warning"] as const) expect(passes(filter, type), type).toBe(false);
});
