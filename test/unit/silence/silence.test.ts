import { describe, expect, test } from "vitest";
import { SIMULATED_NAMES, type SimulatedVenue } from "../../../scripts/market-simulation/venue-minutes.ts";
import {
  DAY_MINUTES,
  evidenceOf,
  minutesUntilSuspect,
  playSilence,
  simulatedDays,
} from "../../../scripts/market-simulation/silence-run.ts";
import { fitVenue } from "../../../src/silence/fitted-venue.ts";
import { medianMove } from "../../../src/silence/median-move.ts";
import { othersActivity } from "../../../src/silence/others-activity.ts";
import { silenceReport } from "../../../src/silence/silence-report.ts";
import { type ObservedFeed, type SilenceState, watchMinute } from "../../../src/silence/silence-watch.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const FITTED = 10;
const days = simulatedDays(11, START, FITTED + 21);
const history = days.slice(0, FITTED * DAY_MINUTES);
const later = days.slice(FITTED * DAY_MINUTES);
const now = START + FITTED * DAY_MS;
const WATCHED = ["binance", "okx"] as const;
const fitted = WATCHED.map((venue) => fitVenue(venue, history, [], now));

describe("a venue that delivers", () => {
  test("is never suspect in three weeks of quiet nights, weekends, cascades and bursts of single venues", () => {
    for (const venue of fitted) {
      expect(venue.withheld).toBeNull();
      expect(playSilence(venue, later)).toEqual([]);
    }
  });

  test("is not suspect over a maintenance that its feed recorded as a gap", () => {
    const [venue] = fitted;
    if (venue === undefined) throw new Error("no venue");
    const from = 2 * DAY_MINUTES;
    const down = later.map((one, index) => {
      const { [venue.exchange]: _out, ...counts } = one.counts;
      return index >= from && index < from + 600 ? { ...one, counts } : one;
    });
    expect(playSilence(venue, down)).toEqual([]);
  });
});

describe("a venue that acknowledges and sends nothing", () => {
  test.each(WATCHED)("is suspect within minutes while the others are busy: %s", (name) => {
    const venue = fitted.find(({ exchange }) => exchange === name);
    if (venue === undefined) throw new Error(`${name} is not fitted`);
    const played = evidenceOf(venue, later);
    const delays: number[] = [];
    for (let start = 60; start < later.length - DAY_MINUTES; start += 397) {
      if ((played[start]?.market?.activity ?? 0) > 1) delays.push(minutesUntilSuspect(venue, played, start, DAY_MINUTES));
    }
    delays.sort((a, b) => a - b);
    expect(delays.length).toBeGreaterThan(5);
    expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(45);
    expect(delays.at(-1)).toBeLessThan(240);
  });
});

const feedsAt = (totals: Readonly<Record<string, number>>, connectedSince: number | null = 0): readonly ObservedFeed[] =>
  SIMULATED_NAMES.map((exchange: SimulatedVenue) => ({
    exchange,
    delivered: totals[exchange] ?? 0,
    deliveredSymbols: {},
    connectedSince,
  }));
const busy = (minute: number) => ({ binance: 500, bybit: 40 * minute, okx: 30 * minute, gate: 20 * minute });

describe("a watch over minutes", () => {
  test("finds the silence of one venue, keeps it suspect until it delivers, and then clears it, each once", () => {
    let state: SilenceState | null = null;
    const seen: string[] = [];
    for (let minute = 0; minute <= 30; minute += 1) {
      const totals = { ...busy(minute), binance: minute < 25 ? 500 : 501 };
      const next = watchMinute(state, feedsAt(totals), fitted, 2, now + minute * MINUTE_MS);
      state = next.state;
      for (const { kind, exchange, silence } of next.changes) seen.push(`${kind} ${exchange} after ${silence.silentMinutes}`);
    }
    expect(seen).toEqual([expect.stringMatching(/^suspect binance after [3-9]$/), expect.stringMatching(/^cleared binance after 2\d$/)]);
    expect(state?.venues.binance).toMatchObject({ suspectTime: null, logEvidence: expect.any(Number) });
  });

  test("keeps a venue suspect through an outage of days, with a probability that stays a number", () => {
    let state: SilenceState | null = null;
    let changes = 0;
    for (let minute = 0; minute <= 3 * DAY_MINUTES; minute += 1) {
      const next = watchMinute(state, feedsAt(busy(minute)), fitted, 2, now + minute * MINUTE_MS);
      state = JSON.parse(JSON.stringify(next.state)) as SilenceState;
      changes += next.changes.length;
    }
    expect(changes).toBe(1);
    const report = silenceReport("binance", fitted, state);
    expect(report).toMatchObject({ state: "suspect", silent_since: now });
    expect(report.silence_probability).toBeGreaterThan(0);
    expect(report.silence_probability).toBeLessThan(1e-9);
  });

  test("ends a silence by a liquidation of a minute that is not known, or of a venue that is cut off since", () => {
    let state: SilenceState | null = null;
    for (let minute = 0; minute <= 20; minute += 1)
      state = watchMinute(state, feedsAt(busy(minute)), fitted, 2, now + minute * MINUTE_MS).state;
    const after = { ...busy(23), binance: 501 };
    const late = watchMinute(state, feedsAt(after), fitted, 2, now + 23 * MINUTE_MS);
    const cut = watchMinute(state, feedsAt({ ...busy(21), binance: 501 }, null), fitted, 2, now + 21 * MINUTE_MS);
    for (const { changes, state: next } of [late, cut]) {
      expect(changes).toMatchObject([{ kind: "cleared", exchange: "binance" }]);
      expect(next.venues.binance).toMatchObject({ suspectTime: null, silentMinutes: 0 });
      expect(next.recent.at(-1)?.counts.binance, "nothing to learn from").toBeUndefined();
    }
  });

  test("takes no minute for evidence in which the venue was not connected, or that no run preceded", () => {
    const first = watchMinute(null, feedsAt(busy(0)), fitted, 2, now).state;
    const late = watchMinute(first, feedsAt(busy(3)), fitted, 2, now + 3 * MINUTE_MS).state;
    expect(late.venues.binance).toMatchObject({ silentMinutes: 0 });
    const cut = watchMinute(first, feedsAt(busy(1), now + 1), fitted, 2, now + MINUTE_MS).state;
    expect(cut.venues.binance).toMatchObject({ silentMinutes: 0 });
    expect(watchMinute(first, feedsAt(busy(1)), fitted, 2, now + MINUTE_MS).state.venues.binance).toMatchObject({ silentMinutes: 1 });
  });

  test("leaves the zeros of a suspect silence out of what models learn from", () => {
    let state: SilenceState | null = null;
    for (let minute = 0; minute <= 20; minute += 1)
      state = watchMinute(state, feedsAt(busy(minute)), fitted, 2, now + minute * MINUTE_MS).state;
    expect(state?.venues.binance?.suspectTime).not.toBeNull();
    expect(state?.recent.filter(({ counts }) => counts.binance === 0)).toEqual([]);
    expect(state?.recent.at(-1)?.counts.okx).toBe(30);
  });
});

test("nothing is said of a venue with too few days, too few liquidations, or silences that the others do not explain", () => {
  expect(fitVenue("binance", history.slice(0, 5 * DAY_MINUTES), [], now).withheld).toBe(
    "7200 minutes are known, of the 8640 that a fit needs",
  );
  const rare = history.map((one, index) => ({ ...one, counts: { ...one.counts, binance: index % 1_000 === 0 ? 1 : 0 } }));
  expect(fitVenue("binance", rare, [], now).withheld).toMatch(/^15 of 14400 minutes had liquidations, of the 60/);
  const uncovered = [{ exchange: "binance", from_time: START, to_time: START + 5 * DAY_MS, reason: "suspect" } as const];
  expect(fitVenue("binance", history, uncovered, now).withheld).toMatch(/^7200 minutes are known/);
});

test("a burst of a single other venue is no activity of the market", () => {
  const rates = { okx: 2, bybit: 2, gate: 2 };
  const calm = othersActivity([{ okx: 2, bybit: 2, gate: 2 }], rates, "binance");
  expect(calm).toBeCloseTo(1);
  expect(othersActivity([{ okx: 200, bybit: 2, gate: 2 }], rates, "binance")).toBeCloseTo(1);
  expect(othersActivity([{ okx: 20, bybit: 20, gate: 20 }], rates, "binance")).toBeGreaterThan(5);
  expect(othersActivity([{}], rates, "binance")).toBeNull();
});

const rateOf = (venue: ReturnType<typeof fitVenue>) => venue.averages?.rates.bybit ?? 0;

test("a gap of another venue is no quiet of the market", () => {
  const gaps = [{ exchange: "bybit", from_time: START, to_time: START + 8 * DAY_MS, reason: "silent" } as const];
  const silent = history.map((one) => ({ ...one, counts: one.minute < START + 8 * DAY_MS ? { ...one.counts, bybit: 0 } : one.counts }));
  expect(rateOf(fitVenue("okx", silent, gaps, now))).toBeGreaterThan(3 * rateOf(fitVenue("okx", silent, [], now)));
});

const at = (exchange: "okx" | "bybit" | "binance", back: number, close: number) => ({ exchange, minute: now - back * MINUTE_MS, close });

test("the price moves by the median over venues of their own closes, whatever their basis", () => {
  expect(medianMove([at("okx", 2, 100), at("bybit", 1, 200)])).toBeNull();
  expect(medianMove([at("okx", 3, 100), at("okx", 1, 200)])).toBeNull();
  const moves = [at("okx", 3, 50), at("okx", 2, 100), at("okx", 1, 101), at("bybit", 3, 200), at("bybit", 2, 202.4), at("binance", 1, 1)];
  expect(medianMove([...moves, at("binance", 2, 1)])).toBeCloseTo(Math.log(1.01) * 1e4);
});
