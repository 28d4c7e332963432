import { describe, expect, test } from "vitest";
import type { HourMark } from "../../../src/grades/hour-mark.ts";
import { hoursToDraw, randomReturns } from "../../../src/grades/random-times.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

/** A Wednesday, 14:20 UTC. */
const ENTRY = Date.parse("2026-11-25T14:20Z");
const TRADE = { entryTime: ENTRY, lengthMs: HOUR_MS, volatility: 5e-4, hash: "5f2b9c1d".repeat(8) };

/** An hour in which every 5 minutes gain a basis point per hour of the day, so that a return names the hour it is from. */
function hour(time: number, volatility: number): HourMark {
  const gain = new Date(time).getUTCHours() / 1e4;
  return { hour: time, opens: Array.from({ length: 12 }, (_, index) => 100 * (1 + gain * index)), volatility };
}

/** A year of hours; every second week is wild. */
function year(until = ENTRY): readonly HourMark[] {
  const start = Date.parse("2025-11-20T00:00Z");
  return Array.from({ length: Math.ceil((until - start) / HOUR_MS) }, (_, index) => {
    const time = start + index * HOUR_MS;
    return hour(time, Math.floor(time / (7 * DAY_MS)) % 2 === 0 ? 1e-4 : 9e-4);
  });
}

describe("random times", () => {
  test("are 200, the same for the same hash, others for another", () => {
    const first = randomReturns(TRADE, year());
    expect(first.length).toBe(200);
    expect(randomReturns(TRADE, year())).toEqual(first);
    expect(randomReturns({ ...TRADE, hash: "9c1d5f2b".repeat(8) }, year())).not.toEqual(first);
  });

  test("are of the same time of the week, half an hour more or less", () => {
    const hours = new Set(hoursToDraw({ ...TRADE, lengthMs: 5 * MINUTE_MS }).map((time) => new Date(time).toISOString().slice(11, 13)));
    // Entries from 13:50 to 14:50, and the hours before them for their volatility.
    expect([...hours].toSorted()).toEqual(["12", "13", "14"]);
    expect(new Set(hoursToDraw(TRADE).map((time) => new Date(time).getUTCDay()))).toEqual(new Set([3]));
  });

  test("come after an hour of similar volatility", () => {
    const marks = year().map((mark) => (mark.volatility === 9e-4 ? { ...mark, opens: mark.opens.map(() => 100) } : mark));
    const wild = randomReturns({ ...TRADE, volatility: 2e-3 }, marks);
    expect(wild.length).toBeGreaterThan(150);
    expect(new Set(wild)).toEqual(new Set([0]));
    expect(new Set(randomReturns({ ...TRADE, volatility: 2e-4 }, marks)).size).toBeGreaterThan(5);
  });

  test("lie before the decision with their whole path: what came after it changes none", () => {
    const later = year(ENTRY + 14 * DAY_MS).map((mark) => (mark.hour >= ENTRY ? { ...mark, opens: mark.opens.map(() => 1e9) } : mark));
    for (const lengthMs of [5 * MINUTE_MS, HOUR_MS, DAY_MS]) {
      expect(randomReturns({ ...TRADE, lengthMs }, later)).toEqual(randomReturns({ ...TRADE, lengthMs }, year()));
    }
  });

  test("are as many as match, each once", () => {
    const weeks = year().filter((mark) => mark.hour >= ENTRY - 8 * DAY_MS);
    expect(randomReturns(TRADE, weeks).length).toBeLessThanOrEqual(13);
    expect(randomReturns(TRADE, [])).toEqual([]);
    expect(randomReturns({ ...TRADE, volatility: null }, year())).toEqual([]);
    const unknown = year().map((mark) => ({ ...mark, volatility: null }));
    expect(randomReturns(TRADE, unknown)).toEqual([]);
  });
});
