import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OBJECT_GB, PLAN_USD, itemCostUsd } from "../../src/cloudflare-plan.ts";

const MONTH_S = 30 * 86_400;

test("five objects that are awake for a month cost what docs/benchmarks.md says, more than its aim for 20,000 liquidations a day", () => {
  const usd = itemCostUsd("object_gb_s", 5 * OBJECT_GB * MONTH_S) + PLAN_USD;
  expect(usd).toBeGreaterThan(20);
  const page = readFileSync(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");
  expect(page).toContain(`with the plan ${usd.toFixed(2)} USD whatever they do`);
});

test("what the plan includes costs nothing, and what is beyond it by the unit", () => {
  expect(itemCostUsd("d1_rows_written", 50e6)).toBe(0);
  expect(itemCostUsd("d1_rows_written", 52.5e6)).toBe(2.5);
});
