import { describe, expect, test } from "vitest";
import { SIMULATED_NAMES } from "../../../scripts/market-simulation/venue-minutes.ts";
import { DAY_MINUTES, assetEvidenceOf, minutesUntilSuspect, simulatedAssetDays } from "../../../scripts/market-simulation/silence-run.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { assetMarket, assetMinute } from "../../../src/silence/asset-minutes.ts";
import { type FittedVenue, fitAsset, judgedAssets } from "../../../src/silence/fitted-venue.ts";
import { silenceReport } from "../../../src/silence/silence-report.ts";
import { type ObservedFeed, type SilenceState, type WatchedMinute, watchMinute } from "../../../src/silence/silence-watch.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const FITTED = 9;
const days = simulatedAssetDays(3, START, FITTED + 12);
const history = days.slice(0, FITTED * DAY_MINUTES);
const later = days.slice(FITTED * DAY_MINUTES);
const now = START + FITTED * DAY_MS;
const fitted = fitAsset("binance", "BTC", history, [], now);
const bybit = fitAsset("bybit", "ETH", history, [], now);
/** As many pairs as a collection of three assets on six venues has. */
const FAMILY = 18;

describe("a base asset that a venue delivers", () => {
  test("is never suspect in twelve days in which assets have bursts and cascades of their own, and venues sleep", () => {
    for (const [venue, asset] of [
      ["binance", fitted],
      ["bybit", bybit],
    ] as const) {
      expect(asset.withheld).toBeNull();
      expect(assetEvidenceOf(venue, asset, later, FAMILY).filter(({ becameSuspect }) => becameSuspect)).toEqual([]);
    }
  });

  test("is not suspect beside a burst of the asset on one other venue, or of other assets on its own", () => {
    const burst = later.slice(0, DAY_MINUTES).map((one, index) => {
      if (index % 240 >= 20) return one;
      const BTC = { ...one.assets?.BTC, okx: 60 };
      return { ...one, counts: { ...one.counts, okx: (one.counts.okx ?? 0) + 60, binance: 200 }, assets: { ...one.assets, BTC } };
    });
    expect(assetEvidenceOf("binance", fitted, burst, FAMILY).filter(({ becameSuspect }) => becameSuspect)).toEqual([]);
  });
});

test("an asset that a venue withdraws is suspect within hours while the venue delivers others", () => {
  const minutes = assetEvidenceOf("binance", fitted, later, FAMILY);
  const delays: number[] = [];
  for (let start = 60; start < later.length - 2 * DAY_MINUTES; start += 397) {
    if ((minutes[start]?.market?.activity ?? 0) > 1) delays.push(minutesUntilSuspect(fitted, minutes, start, 2 * DAY_MINUTES, FAMILY));
  }
  delays.sort((a, b) => a - b);
  expect(delays.length).toBeGreaterThan(5);
  expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(5 * 60);
  expect(delays.at(-1)).toBeLessThan(16 * 60);
});

test("nothing is said of an asset with too few liquidations, or of one that was counted for too few days", () => {
  expect(fitAsset("bitfinex", "BTC", history, [], now).withheld).toMatch(/^it has 0\.0\d liquidations a minute, of the 0\.25/);
  const counted = history.map((one, index) => (index < 4 * DAY_MINUTES ? { minute: one.minute, move_bps: 1, counts: one.counts } : one));
  expect(fitAsset("binance", "BTC", counted, [], now).withheld).toMatch(/^7200 minutes are known/);
  const gap = { exchange: "binance", symbol: "BTC", from_time: START, to_time: START + 4 * DAY_MS, reason: "suspect" } as const;
  expect(fitAsset("binance", "BTC", history, [gap], now).withheld).toMatch(/^7200 minutes are known/);
});

const btcMinute = (binance: number) =>
  assetMinute({ minute: 0, move_bps: 1, counts: { binance, okx: 9 }, assets: { BTC: { okx: 3 } } }, "BTC");

test("a minute in which the venue delivered no other asset is no evidence of one", () => {
  const averages = { rates: { binance: 1, okx: 1 }, move_bps: 1 };
  expect(assetMarket([btcMinute(0)], averages, "binance")).toBeNull();
  expect(assetMarket([btcMinute(1)], averages, "binance")).toMatchObject({ activity: 2 });
});

const withheld = { fitted_time: now, minutes: 0, model: null, averages: null, withheld: "not what the test is about" };
const models: readonly FittedVenue[] = [
  { exchange: "binance", ...withheld, assets: [fitted] },
  { exchange: "bybit", ...withheld, assets: [bybit] },
];

interface Totals {
  readonly binance: Readonly<Record<string, number | null>>;
  readonly connectedSince?: number;
  readonly all?: number;
}

/** Ten liquidations a minute of BTC and ETH everywhere, except on Binance, where the test says how many there were in all. */
function feedsAt(minute: number, { binance, connectedSince = 0, all }: Totals): readonly ObservedFeed[] {
  const busy = { BTC: 1_000 + 10 * minute, ETH: 1_000 + 10 * minute };
  return SIMULATED_NAMES.map((exchange: ExchangeName) => {
    const deliveredSymbols = exchange === "binance" ? binance : busy;
    const delivered =
      exchange === "binance" && all !== undefined
        ? all
        : Object.values(deliveredSymbols).reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return { exchange, delivered, deliveredSymbols, connectedSince: exchange === "binance" ? connectedSince : 0 };
  });
}

/** Runs minute after minute, as the cron does. */
function watched(minutes: number, totalsOf: (minute: number) => Totals, from: SilenceState | null = null, first = 0) {
  const seen: string[] = [];
  let last: WatchedMinute | null = null;
  let state = from;
  for (let minute = first; minute < first + minutes; minute += 1) {
    last = watchMinute(state, feedsAt(minute, totalsOf(minute)), models, 2, now + minute * MINUTE_MS);
    state = JSON.parse(JSON.stringify(last.state)) as SilenceState;
    expect(last.changes).toEqual([]);
    for (const { kind, exchange, symbol, silence } of last.assetChanges) seen.push(`${kind} ${exchange} ${symbol} of ${silence.since}`);
  }
  if (state === null) throw new Error("no minute");
  return { seen, state };
}

const moved = (at: number): Totals => ({ binance: { ETH: 10 * at } });
const withdrawn = (at: number): Totals => ({ binance: { BTC: 500, ETH: 1_000 + 10 * at } });

/** The state after a minute in which BTC and ETH lead on Binance. */
function stateAfter(from: SilenceState, time: number, okx: ObservedFeed["deliveredSymbols"]): SilenceState {
  const feeds: readonly ObservedFeed[] = [
    { exchange: "binance", delivered: 17, deliveredSymbols: { BTC: 9, ETH: 8 }, connectedSince: 0 },
    { exchange: "okx", delivered: 36, deliveredSymbols: okx, connectedSince: 0 },
  ];
  return watchMinute(from, feeds, [], 2, time).state;
}

describe("a watch over minutes", () => {
  test("finds the silence of one asset, keeps it suspect until it is delivered, and then clears it, each once", () => {
    const out = watched(90, withdrawn);
    expect(out.seen).toEqual([`suspect binance BTC of ${now}`]);
    const report = silenceReport("binance", models, out.state);
    expect(report.assets).toMatchObject([{ symbol: "BTC", state: "suspect", silent_since: now }]);
    expect(report.assets[0]?.silence_probability).toBeLessThan(0.001);
    const rare = fitAsset("bitfinex", "BTC", history, [], now);
    expect(silenceReport("bitfinex", [...models, { exchange: "bitfinex", ...withheld, assets: [rare] }], out.state).assets).toEqual([]);
    const over = watched(3, () => ({ binance: { BTC: 501, ETH: 5_000 } }), out.state, 90);
    expect(over.seen).toEqual([`cleared binance BTC of ${now}`]);
  });

  test("leaves the zeros of a suspect asset out of what models learn from, and keeps those of the others", () => {
    const { state } = watched(90, withdrawn);
    const known = state.recent.map((one) => assetMinute(one, "BTC").counts.binance);
    expect(known.every((count) => count === undefined)).toBe(true);
    expect(assetMinute(state.recent.at(-1) ?? { minute: 0, move_bps: null, counts: {} }, "ETH").counts.binance).toBe(10);
  });

  test("says nothing of an asset while the whole venue is silent, or was not connected", () => {
    expect(watched(200, () => ({ binance: { BTC: 500, ETH: 500 } })).seen).toEqual([]);
    expect(watched(200, (minute) => ({ ...withdrawn(minute), connectedSince: now + minute * MINUTE_MS })).seen).toEqual([]);
  });

  test("keeps an asset suspect where its feed was moved and counts from 0 again, and finds that it is still withdrawn", () => {
    expect(watched(30, moved, watched(90, withdrawn).state, 90).seen).toEqual([]);
    expect(watched(90, moved, watched(10, withdrawn).state, 10).seen).toEqual([expect.stringMatching(/^suspect binance BTC/)]);
  });

  test("counts a suspect asset on where busier ones take its place at midnight, and sees its end", () => {
    const { state } = watched(90, withdrawn);
    const busier = { A: 9e9, B: 9e9, C: 9e9, D: 9e9, E: 9e9, F: 9e9, G: 9e9, H: 9e9 };
    const others = (at: number) => ({ ETH: 1_000 + 10 * at, ...busier });
    const until = DAY_MINUTES - 90;
    const out = watched(until + 1, (at) => ({ binance: { BTC: 500, ...others(at) } }), state, 90);
    expect(out.state.assets?.tracked).toEqual(["BTC", "A", "B", "C", "D", "E", "F", "G"]);
    expect(watched(2, (at) => ({ binance: { BTC: 501, ...others(at) } }), out.state, DAY_MINUTES + 1).seen).toEqual([
      `cleared binance BTC of ${now}`,
    ]);
  });

  test("keeps its assets at a midnight at which a feed does not respond, and chooses again at the next", () => {
    const tracked = ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"];
    const before = { time: now - MINUTE_MS, delivered: {}, recent: [], venues: {}, assets: { tracked, delivered: {}, silences: {} } };
    const kept = stateAfter(before, now, null);
    expect(kept.assets?.tracked).toEqual(tracked);
    const ofOkx = Object.fromEntries(tracked.map((symbol, place) => [symbol, 8 - place]));
    expect(stateAfter(kept, now + MINUTE_MS, ofOkx).assets?.tracked, "only at midnight").toEqual(tracked);
    expect(stateAfter(kept, now + DAY_MS, ofOkx).assets?.tracked).toEqual(["BTC", "ETH", "L1", "L2", "L3", "L4", "L5", "L6"]);
  });

  test("ends the silence of an asset that the venue no longer lists, and judges it no more", () => {
    const { state } = watched(90, withdrawn);
    const unlisted = watched(90, (minute) => ({ binance: { BTC: null, ETH: 1_000 + 10 * minute }, all: 1_500 + 10 * minute }), state, 90);
    expect(unlisted.seen).toEqual([`unlisted binance BTC of ${now}`]);
  });
});

test("the more assets are judged, the more evidence each of them needs", () => {
  expect(judgedAssets(models)).toBe(2);
  const minutes = assetEvidenceOf("binance", fitted, later, 1);
  const [few, many] = [1, 1_000].map((family) => minutesUntilSuspect(fitted, minutes, 600, 2 * DAY_MINUTES, family));
  expect(few).toBeLessThan(many ?? 0);
});
