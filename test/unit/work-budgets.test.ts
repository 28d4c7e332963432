import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PLATFORM_LIMITS, ROWS_PER_CPU_SECOND, SET_LIMITS, STEP_BUDGETS } from "../../src/work-budgets.ts";

const WRANGLER = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");

test("wrangler.toml sets the limits that the budgets are made for", () => {
  const limits = /\[limits\]\n([^[]+)/.exec(WRANGLER)?.[1] ?? "";
  const set = Object.fromEntries(
    [...limits.matchAll(/^(\w+) = ([\d_]+)$/gm)].map(([, name, value]) => [name, Number(value?.replaceAll("_", ""))]),
  );
  expect(set).toEqual(SET_LIMITS);
});

test.each(Object.keys(STEP_BUDGETS) as (keyof typeof STEP_BUDGETS)[])(
  "a step of %s takes three quarters of the processor time that the platform allows without being asked, at most",
  (kind) => {
    const cpuMs = (STEP_BUDGETS[kind].rows / ROWS_PER_CPU_SECOND[kind]) * 1_000;
    expect(cpuMs).toBeLessThanOrEqual(0.75 * PLATFORM_LIMITS.step_cpu_ms);
    expect(cpuMs * 10).toBeLessThanOrEqual(SET_LIMITS.cpu_ms);
  },
);

test.each(Object.keys(STEP_BUDGETS) as (keyof typeof STEP_BUDGETS)[])(
  "a step of %s makes a tenth of the calls that an invocation may",
  (kind) => {
    expect(STEP_BUDGETS[kind].objects).toBeLessThanOrEqual(PLATFORM_LIMITS.subrequests / 10);
  },
);

test("rates are the slowest of those in docs/benchmarks.md", () => {
  const benchmarks = readFileSync(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");
  const slowest = (pattern: RegExp): number =>
    Math.min(...[...benchmarks.matchAll(pattern)].map(([, rate]) => Number(rate?.replaceAll(",", ""))));
  expect(slowest(/^\| JSON \| ([\d,]+) \|/gm)).toBe(ROWS_PER_CPU_SECOND.export);
  expect(slowest(/(?:made at |together\s\()([\d,]+)\s+rows\sper\ssecond/g)).toBe(ROWS_PER_CPU_SECOND.daily);
});
