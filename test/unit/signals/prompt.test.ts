import { describe, expect, test } from "vitest";
import { PROMPT_VERSION, promptV2 } from "../../../src/signals/prompt-v2.ts";
import { MINUTE, flowOf, sampleInput, statistics } from "./sample-input.ts";

const input = sampleInput(
  { long: statistics({ usd: 123_456.789_123, change_pct: 33.333_333_333, percentile: null }) },
  {
    flow: flowOf([[1, 2, 99.123_456_789]]),
    gaps: [{ exchange: "okx", from_time: MINUTE - 65_000, to_time: null, reason: "silent" }],
  },
);

describe("the prompt", () => {
  test("gives the measurements as JSON, with coverage, gaps and what is unknown", () => {
    const { user } = promptV2(input);
    const measurements = JSON.parse(user);
    expect(measurements).toMatchObject({
      symbol: "BTC",
      compared_window: "15m",
      windows: { "15m": { uptime_share: 1, long: { usd: 123_457, change_pct: 33.3333, percentile: null } } },
      venues: { binance: { coverage: "largest_per_second" } },
      gaps: [{ venue: "okx", seconds: 60, ended: false }],
      flow: [[1, 2, 99.1235]],
      sides: { long: { latest: null, cascade: null } },
    });
  });

  test("asks for JSON in words, as JSON output needs, and names the three actions alike", () => {
    const { system } = promptV2(input);
    expect(system).toContain("JSON");
    const named = (action: string) => system.split(new RegExp(`\\b${action}\\b`)).length - 1;
    expect(named("BUY")).toBe(named("SELL"));
  });

  test("is a function of the input alone, and does not carry the rule model's verdict or what raised the spike", () => {
    expect(promptV2(structuredClone(input))).toEqual(promptV2(input));
    expect(promptV2({ ...input, trigger: { sides: ["short"], severity_usd: 5 } })).toEqual(promptV2(input));
    expect(PROMPT_VERSION).toBe("v2");
  });
});
