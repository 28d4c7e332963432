import { describe, expect, test } from "vitest";
import { RULE_FEATURES, ruleFeatures } from "../../../src/signals/rule-features.ts";
import type { SignalInput } from "../../../src/signals/signal-input.ts";
import { flowOf, sampleInput, statistics } from "./sample-input.ts";

/** Longs of 900,000 USD push the mark price from 100 down to 99; it comes back to 99.4. */
const FLUSH = sampleInput(
  {
    long: statistics({ usd: 900_000, previous_usd: 89_000, percentile: 0.99, max_usd: 300_000, exchanges_active: 3 }),
    short: statistics({ usd: 100_000 }),
  },
  {
    flow: flowOf([
      ...Array.from({ length: 9 }, () => [1_000, 0, 100] as const),
      [300_000, 0, 99.4],
      [300_000, 0, 99],
      [280_000, 0, 99.2],
      [9_000, 0, 99.3],
      [0, 0, 99.4],
      [0, 0, 99.4],
    ]),
  },
);
const MARKET: SignalInput["market"] = {
  ...FLUSH.market,
  sigma_before_bps: 5,
  return_5m_bps: -30,
  return_1h_bps: -60,
  return_24h_bps: 150,
  funding_rate: 0.000_2,
  imbalance_ratio: -0.4,
  volatility_5m: 0.002,
};

function named(input: SignalInput): Readonly<Record<string, number | null | undefined>> {
  const values = ruleFeatures(input);
  return Object.fromEntries(RULE_FEATURES.map(({ name }, index) => [name, values?.[index]]));
}

const turn = (price: number | null) => (price === null ? null : 200 - price);
const minus = (value: number | null) => (value === null ? null : -value);

/** The same market upside down: shorts instead of longs, rises instead of falls. */
function mirrored({ windows, flow, market, ...input }: SignalInput): SignalInput {
  return {
    ...input,
    windows: windows.map(({ sides, ...window }) => ({ ...window, sides: { ...sides, long: sides.short, short: sides.long } })),
    flow: flow.map(({ minute, long_usd, short_usd, mark_low, mark_high, mark_close }) => ({
      minute,
      long_usd: short_usd,
      short_usd: long_usd,
      mark_low: turn(mark_high),
      mark_high: turn(mark_low),
      mark_close: turn(mark_close),
    })),
    market: {
      ...market,
      return_5m_bps: minus(market.return_5m_bps),
      return_1h_bps: minus(market.return_1h_bps),
      return_24h_bps: minus(market.return_24h_bps),
      funding_rate: minus(market.funding_rate),
      imbalance_ratio: minus(market.imbalance_ratio),
    },
  };
}

describe("the features of the rule model", () => {
  test("are what their meanings say, worked by hand", () => {
    const values = named({ ...FLUSH, market: MARKET });
    const near: Readonly<Record<string, number>> = {
      side_share: 0.9,
      rise_log: Math.log(901 / 90),
      rank_log: Math.log(100),
      largest_share: 1 / 3,
      venues_active: 3,
      flow_recent_share: 9 / 880,
      flow_turn_log: Math.log(10 / 881),
      push_sigma: 100 / (5 * Math.sqrt(15)),
      retrace_share: 0.4,
      extreme_age: 4,
      return_5m_sigma: 30 / (5 * Math.sqrt(5)),
      return_1h_sigma: 60 / (5 * Math.sqrt(60)),
      return_24h_sigma: -150 / (5 * Math.sqrt(1_440)),
      volatility_log: Math.log(20 / (5 * Math.sqrt(5))),
      funding_paid_bps: 2,
      book_towards: 0.4,
    };
    expect(Object.keys(values)).toEqual(Object.keys(near));
    for (const [name, value] of Object.entries(near)) expect(values[name], name).toBeCloseTo(value, 9);
  });

  test("say of shorts in a rising market what they say of longs in a falling one", () => {
    const [long, short] = [named({ ...FLUSH, market: MARKET }), named(mirrored({ ...FLUSH, market: MARKET }))];
    for (const [name, value] of Object.entries(long)) expect(short[name], name).toBeCloseTo(value ?? Number.NaN, 9);
  });

  test("are null where what they are made of is unknown, never a guess", () => {
    const values = named(sampleInput({ long: statistics({ usd: 900_000 }), short: statistics({ usd: 100_000 }) }));
    for (const name of ["rise_log", "rank_log", "push_sigma", "retrace_share", "return_1h_sigma", "volatility_log", "funding_paid_bps"])
      expect(values[name], name).toBeNull();
    expect(values["side_share"]).toBe(0.9);
  });

  test("are none where neither side dominates", () => {
    expect(ruleFeatures(sampleInput({ long: statistics({ usd: 100 }), short: statistics({ usd: 100 }) }))).toBeNull();
    expect(ruleFeatures(sampleInput({ long: statistics({ usd: null }), short: statistics({ usd: 100 }) }))).toBeNull();
  });
});
