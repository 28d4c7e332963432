import { describe, expect, test } from "vitest";
import { ruleVerdict } from "../../../src/signals/rule-model.ts";
import type { SignalInput } from "../../../src/signals/signal-input.ts";
import { flowOf, sampleInput, statistics } from "./sample-input.ts";

const LONGS = { long: statistics({ usd: 900_000 }), short: statistics({ usd: 100_000 }) };
const SHORTS = { long: statistics({ usd: 100_000 }), short: statistics({ usd: 900_000 }) };

/** Longs flushed 5 minutes ago, the mark fell by 100 bps and came back by 40. */
const EXHAUSTED = flowOf([
  ...Array.from({ length: 8 }, () => [1_000, 0, 100] as const),
  [200_000, 0, 99.8],
  [300_000, 0, 99.2],
  [250_000, 0, 99],
  [60_000, 0, 99.1],
  [20_000, 0, 99.2],
  [5_000, 0, 99.3],
  [1_000, 0, 99.4],
]);
/** The last three minutes have six times the longs of the three before, the mark falls. */
const ACCELERATING = flowOf([
  ...Array.from({ length: 9 }, () => [1_000, 0, 100] as const),
  [10_000, 0, 100],
  [20_000, 0, 99.9],
  [30_000, 0, 99.8],
  [80_000, 0, 99.6],
  [120_000, 0, 99.4],
  [160_000, 0, 99.2],
]);
/** The same with the sides and the mark turned round. */
const mirrored = (flow: SignalInput["flow"]): SignalInput["flow"] =>
  flow.map((minute) => {
    const mark = minute.mark_close === null ? null : 200 - minute.mark_close;
    return { ...minute, long_usd: minute.short_usd, short_usd: minute.long_usd, mark_close: mark, mark_high: mark, mark_low: mark };
  });

/** Longs of 100 USD. */
const share = (long: number) => ({ long: statistics({ usd: long }), short: statistics({ usd: 100 - long }) });

describe("the rule model", () => {
  test("fades an exhausted flush: buys after longs, sells after shorts", () => {
    expect(ruleVerdict(sampleInput(LONGS, { flow: EXHAUSTED })).verdict).toMatchObject({
      action: "BUY",
      confidence: 62,
      reason_code: null,
    });
    expect(ruleVerdict(sampleInput(SHORTS, { flow: mirrored(EXHAUSTED) })).verdict).toMatchObject({ action: "SELL", confidence: 62 });
  });

  test("follows an accelerating flow: sells with longs, buys with shorts", () => {
    expect(ruleVerdict(sampleInput(LONGS, { flow: ACCELERATING })).verdict).toMatchObject({ action: "SELL" });
    expect(ruleVerdict(sampleInput(SHORTS, { flow: mirrored(ACCELERATING) })).verdict).toMatchObject({ action: "BUY" });
  });

  test("does nothing where the push was small for the volatility before it, whatever its own move made of the volatility", () => {
    const calm = sampleInput(LONGS, { flow: EXHAUSTED });
    // 3 σ√15 min of 10 bps a minute are 116 bps, more than the 100 there were.
    const after = (sigma: number) => ({ ...calm, market: { ...calm.market, sigma_before_bps: sigma, volatility_5m: 0.003 } });
    expect(ruleVerdict(after(10)).verdict.action).toBe("NOTHING");
    expect(ruleVerdict(after(5)).verdict.action).toBe("BUY");
  });

  test("does nothing while the mark has not turned", () => {
    const falling = EXHAUSTED.map((minute, index) => (index > 10 ? { ...minute, mark_close: 99, mark_low: 99 } : minute));
    expect(ruleVerdict(sampleInput(LONGS, { flow: falling })).verdict.action).toBe("NOTHING");
  });

  test("does nothing where neither side dominates, or nothing is known", () => {
    const even = { long: statistics({ usd: 640_000 }), short: statistics({ usd: 360_000 }) };
    expect(ruleVerdict(sampleInput(even, { flow: EXHAUSTED })).verdict.action).toBe("NOTHING");
    expect(ruleVerdict(sampleInput({ long: statistics({ usd: null }) }, { flow: EXHAUSTED })).verdict.action).toBe("NOTHING");
    const unseen = EXHAUSTED.map((minute) => ({ ...minute, mark_close: null, mark_high: null, mark_low: null }));
    expect(ruleVerdict(sampleInput(LONGS, { flow: unseen })).verdict).toMatchObject({ action: "NOTHING", confidence: 0 });
  });

  test("gives 55 at the lowest dominance and 65 at the highest", () => {
    expect(ruleVerdict(sampleInput(share(65), { flow: EXHAUSTED })).verdict.confidence).toBe(55);
    expect(ruleVerdict(sampleInput(share(100), { flow: EXHAUSTED })).verdict.confidence).toBe(65);
  });

  test("says the same of the same input", () => {
    const input = sampleInput(LONGS, { flow: ACCELERATING });
    expect(ruleVerdict(structuredClone(input))).toEqual(ruleVerdict(input));
  });
});
