import { describe, expect, test } from "vitest";
import { measureSpikeRule, runSpikeRule, START } from "../../../scripts/measure/spike-rule.ts";
import { comparedWindow } from "../../../src/signals/signal-input.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";

const SEEDS = [1, 3] as const;
const DAYS = 14;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A market with bursts in which a venue is silent from an hour before the judged time on. */
function silentFrom(exchange: "bitfinex" | "binance") {
  const gap = { exchange, from_time: START + 7 * DAY_MS - HOUR_MS, to_time: null, reason: "silent" } as const;
  return runSpikeRule({ seed: 1, days: 10, effect: "burst", gaps: [gap] });
}

describe("the spike rule on simulated markets", () => {
  test("takes at most 8 decisions a day where nothing was planted, of the 60 that the rise alone takes", async () => {
    const runs = [];
    for (const seed of SEEDS) runs.push(await measureSpikeRule({ seed, days: DAYS, effect: "none" }));
    expect(sum(runs.map(({ decisionsPerDay }) => decisionsPerDay)) / SEEDS.length).toBeLessThanOrEqual(8);
    expect(Math.max(...runs.map(({ shareOfMinutes }) => shareOfMinutes))).toBeLessThan(0.06);
    const seedRule = await measureSpikeRule({ seed: 1, days: 9, effect: "none", variables: { LIQUIDATION_SPIKE_PERCENTILE: "0" } });
    expect(seedRule.decisionsPerDay).toBeGreaterThan(40);
  });

  test("catches at least 95 % of planted bursts of five times the hour's median", async () => {
    const runs = [];
    for (const seed of SEEDS) runs.push(await measureSpikeRule({ seed, days: DAYS, effect: "burst" }));
    const planted = sum(runs.map((run) => run.planted));
    expect(planted).toBeGreaterThan(50);
    expect(sum(runs.map(({ caught }) => caught)) / planted).toBeGreaterThanOrEqual(0.95);
  });

  test("is not muted by a silent venue with 4 % of the USD, but by one with a third", async () => {
    const [small, large] = [await silentFrom("bitfinex"), await silentFrom("binance")];
    expect(small.spikes.length).toBeGreaterThan(10);
    for (const spike of small.spikes) expect(comparedWindow(spike).comparison.exchanges).not.toContain("bitfinex");
    // Only windows at the 99th percentile are left.
    expect(large.spikes.length).toBeLessThan(small.spikes.length / 2);
  });
});
