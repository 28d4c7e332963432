import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import {
  HISTORY_MS,
  MINUTES_KEPT_MS,
  QUARTER_HOURS_FROM_MINUTES_MS,
  QUARTER_HOURS_KEPT_MS,
  REPLAYED_MINUTES_KEPT_MS,
  historyFrom,
} from "../../src/windows/kept.ts";
import { RANKED_AGAINST_MS } from "../../src/windows/percentile.ts";
import { rangeParts } from "../../src/windows/range-parts.ts";
import { type Totals, addTotals } from "../../src/windows/totals.ts";
import { LONGEST_WINDOW_MS, WINDOWS, type WindowName, changePercent, windowOfText, windowRanges } from "../../src/windows/window.ts";

const DAY = Date.UTC(2026, 10, 20);
const STEPS = { events: 1, minutes: MINUTE_MS, hours: HOUR_MS };

describe("the parts of a range", () => {
  test("adjoin, fill what is covered and are whole steps of what they are summed from", () => {
    const time = fc.oneof(
      fc.integer({ min: 0, max: 30 * HOUR_MS }),
      fc.integer({ min: 0, max: 1_800 }).map((n) => n * MINUTE_MS),
    );
    fc.assert(
      fc.property(time, time, time, (a, b, hot) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        const eventsFrom = Math.floor(hot / MINUTE_MS) * MINUTE_MS;
        const { covered, parts } = rangeParts(range, eventsFrom);
        let at = covered.start;
        for (const part of parts) {
          expect(part.start).toBe(at);
          expect(part.end).toBeGreaterThan(part.start);
          expect([part.start % STEPS[part.from], part.end % STEPS[part.from]]).toEqual([0, 0]);
          if (part.from === "events") expect(part.start).toBeGreaterThanOrEqual(eventsFrom);
          at = part.end;
        }
        expect(at).toBe(covered.end);
        expect(covered.start).toBeGreaterThanOrEqual(range.start);
        expect(range.start < eventsFrom ? covered.start - range.start : 0).toBeLessThan(MINUTE_MS);
        if (range.start >= eventsFrom) expect(covered).toEqual(range);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of a day are its hours, with minutes and events only at the edges", () => {
    const { parts } = rangeParts({ start: DAY - 5_000, end: DAY + 24 * HOUR_MS - 5_000 }, 0);
    expect(parts).toEqual([
      { from: "events", start: DAY - 5_000, end: DAY },
      { from: "hours", start: DAY, end: DAY + 23 * HOUR_MS },
      { from: "minutes", start: DAY + 23 * HOUR_MS, end: DAY + 24 * HOUR_MS - MINUTE_MS },
      { from: "events", start: DAY + 24 * HOUR_MS - MINUTE_MS, end: DAY + 24 * HOUR_MS - 5_000 },
    ]);
  });

  test("an edge older than the events kept is cut to the next whole minute", () => {
    const { covered, parts } = rangeParts({ start: DAY - 5_000, end: DAY + MINUTE_MS }, DAY + MINUTE_MS);
    expect(covered).toEqual({ start: DAY, end: DAY + MINUTE_MS });
    expect(parts).toEqual([{ from: "minutes", start: DAY, end: DAY + MINUTE_MS }]);
  });
});

describe("a window", () => {
  test("ends 5 s before its minute, is as long as its name says and adjoins the one before", () => {
    for (const name of Object.keys(WINDOWS) as readonly WindowName[]) {
      const { current, previous } = windowRanges(name, DAY + 59_999);
      expect(current.end).toBe(DAY - 5_000);
      expect(current.end - current.start).toBe(WINDOWS[name]);
      expect(previous.end).toBe(current.start);
      expect(previous.end - previous.start).toBe(WINDOWS[name]);
    }
  });

  test("is named by whole hours where it can be, and read from one minute to a day", () => {
    expect(["1m", "90m", "2h", "24h", "1440m"].map(windowOfText)).toEqual([
      { name: "1m", lengthMs: MINUTE_MS },
      { name: "90m", lengthMs: 90 * MINUTE_MS },
      { name: "2h", lengthMs: 2 * HOUR_MS },
      { name: "24h", lengthMs: 24 * HOUR_MS },
      { name: "24h", lengthMs: 24 * HOUR_MS },
    ]);
    expect(["0m", "25h", "1441m", "1.5h", "15", "m", "9999h", "15M"].map(windowOfText)).toEqual(Array.from({ length: 8 }, () => null));
  });

  test("is the same for everybody who asks within the minute", () => {
    expect(windowRanges("1h", DAY)).toEqual(windowRanges("1h", DAY + 59_999));
    expect(windowRanges("1h", DAY)).not.toEqual(windowRanges("1h", DAY + 60_000));
  });

  test("rises in percent, and not at all where nothing was before or a sum is unknown", () => {
    expect(changePercent(150, 100)).toBe(50);
    expect(changePercent(0, 100)).toBe(-100);
    expect(changePercent(100, 0)).toBeNull();
    expect(changePercent(null, 100)).toBeNull();
    expect(changePercent(100, null)).toBeNull();
  });
});

describe("added totals", () => {
  const one: Totals = {
    events: 2,
    events_without_usd: 1,
    events_without_notional_mark: 2,
    usd: 10,
    notional_mark_usd: null,
    quantity: 3,
    max_usd: 10,
  };

  test("are a measured zero where there was no event", () => {
    expect(addTotals([])).toEqual({
      events: 0,
      events_without_usd: 0,
      events_without_notional_mark: 0,
      usd: 0,
      notional_mark_usd: 0,
      quantity: 0,
      max_usd: null,
    });
  });

  test("are unknown only where every part is", () => {
    const other: Totals = { ...one, usd: null, max_usd: null };
    expect(addTotals([one, other])).toEqual({
      events: 4,
      events_without_usd: 2,
      events_without_notional_mark: 4,
      usd: 10,
      notional_mark_usd: null,
      quantity: 6,
      max_usd: 10,
    });
    expect(addTotals([other]).usd).toBeNull();
  });
});

describe("what is kept", () => {
  const longest = Math.max(...Object.values(WINDOWS));

  test("reaches back over the longest window, the one before it and what they are ranked against", () => {
    expect(LONGEST_WINDOW_MS).toBe(longest);
    expect(HISTORY_MS).toBe(RANKED_AGAINST_MS + 2 * longest);
    expect(MINUTES_KEPT_MS).toBeGreaterThan(Math.max(QUARTER_HOURS_FROM_MINUTES_MS, 2 * longest));
    expect(REPLAYED_MINUTES_KEPT_MS).toBeGreaterThan(2 * longest);
    const time = DAY + 13 * HOUR_MS;
    expect(historyFrom(longest, time)).toBeLessThanOrEqual(time - HISTORY_MS);
    // Quarter-hours leave by whole days: the day that is read first must still be there.
    expect(historyFrom(longest, time)).toBeGreaterThanOrEqual(time - QUARTER_HOURS_KEPT_MS);
  });

  test("of events is no less than the longest window", () => {
    const hours = longest / HOUR_MS;
    expect(parseConfig({}).LIQUIDATION_LOCAL_RETENTION_HOURS).toBeGreaterThanOrEqual(hours);
    expect(() => parseConfig({ LIQUIDATION_LOCAL_RETENTION_HOURS: `${hours - 1}` })).toThrow("LIQUIDATION_LOCAL_RETENTION_HOURS");
  });
});
