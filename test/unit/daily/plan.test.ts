import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BatchSource,
  SLICES_AT_ONCE,
  SLICE_BATCHES,
  SLICE_ROWS,
  cutGroups,
  planSlices,
  rowsInGroups,
  slicesAtOnce,
  timeOf,
} from "../../../src/daily/plan.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const DAY = Date.UTC(2026, 10, 20);

function batch(first: number, last: number, rows: number): BatchSource {
  return { key: "k", etag: "e", rows, first_event_time: DAY + first, last_event_time: DAY + last };
}

describe("slices", () => {
  test("of a quiet day are the day", () => {
    expect(planSlices(DAY, [batch(HOUR_MS, 2 * HOUR_MS, 900)], null)).toEqual([{ start: DAY, end: DAY + DAY_MS }]);
  });

  test("adjoin, cover the day and hold no more rows than they may", () => {
    const batches = Array.from({ length: 24 }, (_, hour) => batch(hour * HOUR_MS, (hour + 1) * HOUR_MS - 1, 12_000));
    const slices = planSlices(DAY, batches, null);
    expect(slices[0]?.start).toBe(DAY);
    expect(slices.at(-1)?.end).toBe(DAY + DAY_MS);
    for (const [index, slice] of slices.entries()) {
      expect(slice.start).toBe(index === 0 ? DAY : slices[index - 1]?.end);
      expect(((slice.end - slice.start) / HOUR_MS) * 12_000).toBeLessThanOrEqual(SLICE_ROWS);
    }
  });

  test("hold no more batches than they may", () => {
    const batches = Array.from({ length: 1_440 }, (_, minute) => batch(minute * MINUTE_MS, minute * MINUTE_MS + 5, 1));
    expect(planSlices(DAY, batches, null)).toHaveLength(Math.ceil(1_440 / SLICE_BATCHES));
  });

  test("are made several at once, in order, and together have the time from the first to the last", () => {
    const slices = Array.from({ length: 2 * SLICES_AT_ONCE + 1 }, (_, hour) => ({
      start: DAY + hour * HOUR_MS,
      end: DAY + (hour + 1) * HOUR_MS,
    }));
    const together = slicesAtOnce(slices);
    expect(together.flat()).toEqual(slices);
    expect(together.map(({ length }) => length)).toEqual([SLICES_AT_ONCE, SLICES_AT_ONCE, 1]);
    expect(timeOf(together[1] ?? [])).toEqual({ start: DAY + SLICES_AT_ONCE * HOUR_MS, end: DAY + 2 * SLICES_AT_ONCE * HOUR_MS });
  });

  test("of one minute, which may hold any number of rows, are made alone: a flood is not read several minutes at once", () => {
    const flood = Array.from({ length: 10 }, (_, minute) => batch(HOUR_MS + minute * MINUTE_MS, HOUR_MS + minute * MINUTE_MS + 5, 60_000));
    const rest = Array.from({ length: 4 }, (_, hour) => batch((hour + 2) * HOUR_MS, (hour + 3) * HOUR_MS - 1, SLICE_ROWS));
    const slices = planSlices(DAY, [...flood, ...rest], null);
    const together = slicesAtOnce(slices);
    expect(together.flat()).toEqual(slices);
    const ofFlood = together.map(timeOf).filter(({ start, end }) => start < DAY + HOUR_MS + 10 * MINUTE_MS && end > DAY + HOUR_MS);
    expect(ofFlood).toEqual(flood.map(({ first_event_time: start }) => ({ start, end: start + MINUTE_MS })));
    expect(Math.max(...together.map(({ length }) => length))).toBe(SLICES_AT_ONCE);
  });

  test("are a minute at least, and a batch with times outside the day counts at its edge", () => {
    const slices = planSlices(DAY, [batch(-5, MINUTE_MS - 1, 90_000), batch(DAY_MS + 5, DAY_MS + 9, 90_000)], null);
    expect(slices).toEqual([
      { start: DAY, end: DAY + MINUTE_MS },
      { start: DAY + MINUTE_MS, end: DAY + DAY_MS - MINUTE_MS },
      { start: DAY + DAY_MS - MINUTE_MS, end: DAY + DAY_MS },
    ]);
  });
});

describe("row groups", () => {
  test("are full except the last, and take every row once in its order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), fc.integer({ min: 1, max: 20 }), (sliceRows, size) => {
        const groups = cutGroups(sliceRows, size);
        const taken = groups
          .flat()
          .flatMap(({ slice, offset, rows }) => Array.from({ length: rows }, (_, index) => [slice, offset + index]));
        expect(taken).toEqual(sliceRows.flatMap((rows, slice) => Array.from({ length: rows }, (_, index) => [slice, index])));
        const sizes = groups.map((parts) => parts.reduce((sum, { rows }) => sum + rows, 0));
        expect(sizes.slice(0, -1).every((rows) => rows === size)).toBe(true);
      }),
    );
  });

  test("of a file hold a stretch of its rows where the stretch is", () => {
    expect(rowsInGroups([10, 10, 5], 8, 14)).toEqual([
      { group: 0, offset: 8, rows: 2 },
      { group: 1, offset: 0, rows: 10 },
      { group: 2, offset: 0, rows: 2 },
    ]);
    expect(rowsInGroups([10, 10], 10, 3)).toEqual([{ group: 1, offset: 0, rows: 3 }]);
    expect(rowsInGroups([10], 4, 0)).toEqual([]);
  });
});
