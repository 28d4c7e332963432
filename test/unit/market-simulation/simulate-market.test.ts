import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { marketMinuteMarks } from "../../../scripts/market-simulation/market-minute-marks.ts";
import { BTC_MODEL } from "../../../scripts/market-simulation/market-model.ts";
import type { PlantedEpisode } from "../../../scripts/market-simulation/planted-episode.ts";
import { simulateMarket, type SimulatedMarket } from "../../../scripts/market-simulation/simulate-market.ts";
import type { SimulationOptions } from "../../../scripts/market-simulation/simulated-event.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";

const MONDAY = Date.parse("2026-10-05");
const ROOT = new URL("../../../", import.meta.url).pathname;

function market(changes: Partial<SimulationOptions> = {}): SimulatedMarket {
  return simulateMarket({ seed: 1, days: 5, effect: "none", model: BTC_MODEL, startTime: MONDAY, ...changes });
}

/** Log return from one time to another, positive in the direction of an episode's forced flow. */
function moved({ marks, startTime }: SimulatedMarket, { side }: PlantedEpisode, from: number, to: number): number {
  const at = (time: number) => Math.log(marks[Math.floor((time - startTime) / SECOND_MS)] ?? Number.NaN);
  return (side === "long" ? -1 : 1) * (at(to) - at(from));
}

const median = (values: readonly (number | null)[]) => values.map(Number).toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The seconds and sides in which a venue published, one for each liquidation. */
function seconds({ events }: SimulatedMarket, exchange: string): readonly string[] {
  return events.filter((event) => event.exchange === exchange).map(({ side, time }) => `${side} ${Math.floor(time / SECOND_MS)}`);
}

/** The mean move of the hour after a flush, as a share of the flush. */
function after(effect: "cascade" | "reversal" | "continuation"): number {
  const one = market({ effect, days: 20 });
  const flushes = one.planted.filter(({ endTime }) => endTime + HOUR_MS < one.endTime);
  expect(flushes.length).toBeGreaterThan(20);
  const during = flushes.map((flush) => moved(one, flush, flush.startTime, flush.endTime + SECOND_MS) / flush.move);
  expect(mean(during)).toBeGreaterThan(0.8);
  return mean(flushes.map((flush) => moved(one, flush, flush.endTime, flush.endTime + HOUR_MS) / flush.move));
}

function plantedUsd({ planted }: SimulatedMarket): number {
  return planted.reduce((sum, episode) => sum + episode.usd, 0);
}

function run(script: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [join(ROOT, "scripts", script), ...args], { encoding: "utf8" });
}

describe("a simulated market", () => {
  const cascades = market({ effect: "cascade" });

  test("is the same for the same seed, and another for another", () => {
    const options = { days: 1, effect: "cascade" } as const;
    expect(market(options)).toEqual(market(options));
    expect(market(options).events).not.toEqual(market({ ...options, seed: 2 }).events);
  });

  test("has days like those of BTC: 4,000 liquidations, 25 million USD, median 650, 99th percentile 97,000", () => {
    const { events } = market({ days: 20, isComplete: true });
    const sizes = events.map(({ usd }) => usd).toSorted((a, b) => a - b);
    const day = { events: events.length / 20, usd: sizes.reduce((sum, usd) => sum + usd, 0) / 20 };
    expect(day.events).toBeGreaterThan(3_500);
    expect(day.events).toBeLessThan(4_500);
    expect(day.usd / 1e6).toBeGreaterThan(20);
    expect(day.usd / 1e6).toBeLessThan(30);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeCloseTo(650, -2);
    expect(Math.abs((sizes[Math.floor(sizes.length * 0.99)] ?? 0) / 97_000 - 1)).toBeLessThan(0.1);
  });

  test("publishes at most one liquidation of Binance and OKX a second and side, and all of Bybit", () => {
    const [all, published] = [market({ effect: "cascade", isComplete: true }), cascades];
    for (const exchange of ["binance", "okx"]) {
      expect(new Set(seconds(published, exchange)).size).toBe(seconds(published, exchange).length);
      expect(new Set(seconds(all, exchange))).toEqual(new Set(seconds(published, exchange)));
    }
    expect(seconds(published, "bybit")).toEqual(seconds(all, "bybit"));
  });

  test("plants bursts of five times the hour's median, led by one venue", () => {
    const { planted, events } = market({ effect: "burst", isComplete: true });
    expect(planted.length).toBe(20);
    for (const { side, startTime, endTime, usd, firstExchange, lagsMs } of planted) {
      const inside = events.filter((event) => event.side === side && event.time >= startTime && event.time <= endTime);
      expect(inside.reduce((sum, event) => sum + event.usd, 0)).toBeGreaterThanOrEqual(usd * 0.999);
      expect(lagsMs[firstExchange]).toBe(0);
      expect(Object.values(lagsMs).filter((lag) => lag > 0 && lag < 10_000).length).toBe(2);
    }
  });

  test("moves the price in a flush, after which it returns, goes on, or neither, as the effect says", () => {
    expect(after("reversal")).toBeLessThan(-0.25);
    expect(after("continuation")).toBeGreaterThan(0.25);
  });

  test("has minutes whose spread widens and whose volume grows in a flush", () => {
    const marks = marketMinuteMarks(cascades);
    expect(new Set(marks.map(({ funding_interval_hours: hours }) => hours))).toEqual(new Set([8]));
    const inFlush = marks.filter(({ minute }) =>
      cascades.planted.some((flush) => minute + MINUTE_MS > flush.startTime && minute < flush.endTime),
    );
    const [calm, flush] = [marks, inFlush].map((some) => ({
      spread: median(some.map(({ spread_bps: spread }) => spread)),
      volume: median(some.map(({ volume_usd: volume }) => volume)),
    }));
    expect(calm?.spread).toBeGreaterThan(0.01);
    expect(calm?.spread).toBeLessThan(0.2);
    expect(flush?.spread).toBeGreaterThan(1.3 * (calm?.spread ?? 0));
    expect(calm?.volume).toBeGreaterThan(1e6);
    expect(flush?.volume).toBeGreaterThan(1.5 * (calm?.volume ?? 0));
  });

  test("has leverage that a flush takes, so that the next one is smaller", () => {
    // Of six seeds, thin has 39 % to 62 % of thick in ten days.
    const thin = market({ effect: "cascade", days: 10, model: { ...BTC_MODEL, leverageUsd: 20_000_000 } });
    const thick = market({ effect: "cascade", days: 10 });
    expect(plantedUsd(thin)).toBeLessThan(plantedUsd(thick));
  });
});

describe("npm run simulate-market", () => {
  test("writes files that the backtest reads, and refuses an effect that it does not know", () => {
    const folder = mkdtempSync(join(tmpdir(), "simulate-market-test-"));
    const made = run("simulate-market.ts", "--days", "2", "--seed", "7", "--effect", "cascade", "--out", folder);
    expect(made.stderr).toBe("");
    expect(made.status).toBe(0);
    expect(readFileSync(join(folder, "planted.jsonl"), "utf8")).toContain('"kind":"flush"');
    const marks = join(folder, "marks.csv");
    const range = ["--from", "2026-10-06", "--to", "2026-10-07", "--symbols", "BTC"];
    const replayed = run("backtest.ts", "--data", folder, "--marks", marks, ...range);
    expect(replayed.stderr).toBe("");
    expect(replayed.stdout).toMatch(/Events: [1-9][0-9,]* in the range/);
    // Every trade has a cost, of every size.
    expect(replayed.stdout).toMatch(/: [1-9]\d*; [1-9]\d* closed, 0 cut .* 0 with an unknown cost/);
    expect(replayed.stdout).not.toMatch(/unknown +│/);
    const refused = run("simulate-market.ts", "--days", "1", "--seed", "1", "--effect", "magic");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toBe('--effect is "magic"; allowed: none, burst, cascade, reversal, continuation\n');
    rmSync(folder, { recursive: true });
  });
});
