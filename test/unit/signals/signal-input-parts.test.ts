import { describe, expect, test } from "vitest";
import { breadthOf, flowSizes } from "../../../src/signals/flow-size.ts";
import { type GradedSpike, pastOf } from "../../../src/signals/past-spikes.ts";
import { absorption, pricePath } from "../../../src/signals/price-path.ts";
import { type SpikeShape, shapeDistance, shapeOf } from "../../../src/signals/spike-shape.ts";
import { MINUTE, flowOf, sampleInput, sampleSymbolWindow, statistics } from "./sample-input.ts";

/** 15 minutes in which longs push the price from 10,000 to 9,700 in the tenth, and it comes back to 9,790. */
const FLUSH = flowOf([
  [0, 0, 10_000],
  [0, 0, 10_000],
  [100_000, 0, 9_990],
  [200_000, 0, 9_950],
  [200_000, 0, 9_920],
  [200_000, 0, 9_900],
  [200_000, 0, 9_850],
  [200_000, 0, 9_800],
  [200_000, 0, 9_750],
  [200_000, 0, 9_700],
  [200_000, 0, 9_720],
  [200_000, 0, 9_740],
  [200_000, 0, 9_760],
  [200_000, 0, 9_780],
  [200_000, 0, 9_790],
]);

describe("the price path", () => {
  test("is measured in the direction of the forced flow and in standard deviations of before", () => {
    const path = pricePath(FLUSH, "long", 10, 9_790, { high: 10_100, low: 9_700 });
    expect(path).toMatchObject({ extreme_age_minutes: 5 });
    expect(path.push_bps).toBeCloseTo(300, 9);
    expect(path.push_sigma).toBeCloseTo(300 / (10 * Math.sqrt(15)), 9);
    expect(path.retrace_share).toBeCloseTo(0.3, 9);
    expect(path.below_day_high_bps).toBeCloseTo(316.65, 2);
    expect(path.above_day_low_bps).toBeCloseTo(91.93, 2);
    expect(pricePath(FLUSH, "short", 10, null, null)).toMatchObject({ push_bps: 0, retrace_share: null, below_day_high_bps: null });
  });

  test("is unknown without a dominant side, without marks and without a volatility of before", () => {
    const unknown = { push_bps: null, push_sigma: null, retrace_share: null, extreme_age_minutes: null };
    expect(pricePath(FLUSH, null, 10, null, null)).toMatchObject(unknown);
    expect(pricePath(flowOf([[1, 2, null]]), "long", 10, null, null)).toMatchObject(unknown);
    expect(pricePath(FLUSH, "long", null, null, null)).toMatchObject({ push_sigma: null, retrace_share: expect.any(Number) });
  });
});

describe("the absorption", () => {
  test("sets the move of the last five minutes per million USD beside that of the minutes before", () => {
    const { now_bps_per_million: now, before_bps_per_million: before } = absorption(FLUSH, "long");
    expect(now).toBeCloseTo(-1e4 * (9_790 / 9_700 - 1), 6);
    expect(before).toBeCloseTo(300 / 1.5, 6);
  });

  test("is unknown where nothing was liquidated, a mark is missing or no side dominates", () => {
    const unknown = { now_bps_per_million: null, before_bps_per_million: null };
    expect(absorption(FLUSH, "short")).toEqual(unknown);
    expect(absorption(FLUSH, null)).toEqual(unknown);
    expect(absorption([], "long")).toEqual(unknown);
    expect(absorption(flowOf([[1, 0, null]]), "long")).toEqual(unknown);
  });
});

/** The statistics of a venue with longs only. */
const venue = (usd: number) => ({ long: statistics({ usd }), short: statistics({ usd: 0 }), total: statistics({ usd }) });

/** The window of a base asset with so many USD of longs beside 500 of shorts. */
const busy = (symbol: string, long: number, percentile: number | null) =>
  sampleSymbolWindow(
    { long: statistics({ usd: long }), short: statistics({ usd: 500 }), total: statistics({ usd: long + 500, percentile }) },
    { symbol },
  );

describe("the size of the flow", () => {
  const sides = { long: statistics({ usd: 600 }), short: statistics({ usd: 0 }), total: statistics({ usd: 600 }) };
  const window = sampleSymbolWindow(sides, {
    median_usd: { long: 200, short: 0, total: null },
    exchanges: { binance: venue(450), bybit: venue(150) },
  });

  test("is a multiple of the median, with the share whose rest is hidden", () => {
    const sizes = flowSizes(window, { binance: "largest_per_second", bybit: "all_reported" });
    expect(sizes.long).toEqual({ median_usd: 200, multiple: 3, partial_share: 0.75 });
    // Neither a multiple of zero nor one of an unknown median exists.
    expect(sizes.short).toEqual({ median_usd: 0, multiple: null, partial_share: null });
    expect(sizes.total).toMatchObject({ median_usd: null, multiple: null });
  });

  test("counts the base assets that are busy on the same side", () => {
    const windows = [busy("BTC", 900, 0.95), busy("ETH", 900, 0.92), busy("SOL", 100, 0.99), busy("XRP", 900, 0.5), busy("OP", 900, null)];
    expect(breadthOf("BTC", windows)).toEqual({ symbols: 5, high: 3, high_same_side: 2 });
  });
});

const SHAPE: SpikeShape = { size: 2, dominance: 0.8, push: 1.5, retrace: 0.3, recency: 0.4, breadth: 0.3, trend: -1 };

/** A graded spike like `SHAPE`. */
const graded = (changes: Partial<GradedSpike>): GradedSpike => ({
  symbol: "BTC",
  minute: MINUTE - 1,
  action: "BUY",
  confidence: 60,
  forward_return_bps: 30,
  net_return_bps: 20,
  analyst: "rules",
  side: "long",
  shape: SHAPE,
  fade_net_return_bps: 20,
  follow_net_return_bps: -40,
  ...changes,
});

describe("the nearest spikes", () => {
  test("are the eight with the smallest distance, whatever their order", () => {
    const spikes = Array.from({ length: 20 }, (_, n) => graded({ minute: MINUTE - n, shape: { ...SHAPE, size: 2 + ((n * 7) % 20) / 10 } }));
    const { nearest } = pastOf(SHAPE, spikes, "deepseek");
    expect(nearest.map(({ distance }) => Number((distance * Math.sqrt(7)).toFixed(9)))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(pastOf(null, spikes, "deepseek").nearest).toEqual([]);
  });

  test("compares what is known of both, and not where that is too little", () => {
    expect(shapeDistance(SHAPE, { ...SHAPE, push: null, retrace: null, trend: 5 })).toBeCloseTo(Math.sqrt(3 ** 2 / 5), 12);
    expect(shapeDistance({ ...SHAPE, size: null, push: null }, { ...SHAPE, retrace: null, trend: null })).toBeNull();
  });

  test("give base rates over all graded spikes, of buying and selling too", () => {
    const spikes = [
      graded({}),
      graded({ side: "short", fade_net_return_bps: -30, follow_net_return_bps: 10 }),
      graded({ side: null, shape: null, fade_net_return_bps: null, follow_net_return_bps: null }),
    ];
    expect(pastOf(SHAPE, spikes, "deepseek").base_rates).toEqual({
      graded: 2,
      fade_hit_rate: 0.5,
      follow_hit_rate: 0.5,
      fade_mean_net_bps: -5,
      follow_mean_net_bps: -15,
      buy_hit_rate: 1,
      sell_hit_rate: 0,
    });
    expect(pastOf(SHAPE, [], "deepseek").base_rates).toMatchObject({ graded: 0, fade_hit_rate: null, buy_hit_rate: null });
  });

  test("come with the last 20 decisions of the analyst alone", () => {
    const spikes = Array.from({ length: 60 }, (_, n) => graded({ minute: MINUTE - n, analyst: n % 2 === 0 ? "rules" : "deepseek" }));
    const { decisions } = pastOf(SHAPE, spikes, "deepseek");
    expect(decisions.map(({ minute }) => MINUTE - minute)).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n + 1));
  });

  test("a shape has no side and no units: a mirrored spike has the same", () => {
    const one = sampleInput({ long: statistics({ usd: 800 }), short: statistics({ usd: 200 }) }, { flow: FLUSH });
    const market = { ...one.market, return_1h_bps: -100, sigma_before_bps: 10 };
    const mirrored = sampleInput(
      { long: statistics({ usd: 200 }), short: statistics({ usd: 800 }) },
      { flow: FLUSH.map((minute) => ({ ...minute, long_usd: minute.short_usd, short_usd: minute.long_usd })) },
    );
    const shape = shapeOf({ ...one, market });
    expect(shape).toMatchObject({ dominance: 0.8, recency: 600 / 2_500 });
    expect(shape?.trend).toBeCloseTo(100 / (10 * Math.sqrt(60)), 12);
    expect(shapeOf({ ...mirrored, market: { ...market, return_1h_bps: 100 } })).toEqual(shape);
    expect(shapeOf(sampleInput({ long: statistics({ usd: 5 }), short: statistics({ usd: 5 }) }))).toBeNull();
  });
});
