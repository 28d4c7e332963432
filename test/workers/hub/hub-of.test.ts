import { expect, test } from "vitest";
import { hubOf } from "../../../durable-objects/market-hub/hub-of.ts";
import { parseConfig } from "../../../src/config.ts";

test("the hub is created near the feeds, whoever calls it first", () => {
  const calls: unknown[] = [];
  const namespace = { getByName: (...call: unknown[]) => calls.push(call) } as never;
  hubOf({ MARKET_HUB: namespace }, parseConfig({ LIQUIDATION_LOCATION_HINTS: "apac-ne" }));
  expect(calls).toEqual([["hub", { locationHint: "apac-ne" }]]);
});
