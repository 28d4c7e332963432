import { expect, test } from "vitest";
import { compareCounts, rowsToCome } from "../../../src/daily/completeness.ts";
import { addRowCounts, countRows } from "../../../src/daily/row-counts.ts";
import type { DayCounts } from "../../../src/day-counts.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { sampleLiquidation } from "../../workers/sample-liquidation.ts";

const dayStart = Date.UTC(2026, 10, 20);
const row = (hour: number, changes: object = {}) =>
  sampleLiquidation({ event_time: dayStart + hour * HOUR_MS, exchange: "okx", ...changes });
const hours = (...counts: readonly number[]) => Array.from({ length: 24 }, (_, hour) => counts[hour] ?? 0);
const journal = (rows: number, stored: number, refused = 0): DayCounts => ({
  exchange: "okx",
  date: "2026-11-20",
  rows,
  inferred: 0,
  stores: { r2: { stored, refused } },
  counted_from_time: 0,
});

test("rows are counted by venue and hour, inferred ones only in the sum", () => {
  const first = countRows([row(0), row(1), row(1, { coverage: "inferred" })], dayStart);
  const second = countRows([row(1), row(23), row(5, { exchange: "bybit" })], dayStart);
  const { okx, bybit } = addRowCounts([first, second]);
  expect(okx).toEqual({ rows: 5, reported: Array.from({ length: 24 }, (_, hour) => ({ 0: 1, 1: 2, 23: 1 })[hour] ?? 0) });
  expect(bybit?.rows).toBe(1);
});

test("a venue lacks what either count has more, and a surplus makes up for nothing", () => {
  const found = countRows([row(0), row(0), row(0), row(2)], dayStart);
  const compare = (totals: readonly number[], journals: readonly DayCounts[]) =>
    compareCounts({ dayStart, found, totals: new Map([["okx", totals]]), journals })[0];
  expect(compare(hours(1, 2, 1), [])).toMatchObject({ missing_rows: 2, missing_hours: [dayStart + HOUR_MS], journal_rows: null });
  expect(compare(hours(3, 0, 1), [journal(9, 9)])).toMatchObject({ missing_rows: 5, missing_hours: [], totals_rows: 4, journal_rows: 9 });
  expect(compare(hours(3, 1, 1), [journal(9, 7, 2)])).toMatchObject({ missing_rows: 3, journal_rows: 7 });
  expect(compare(hours(), [journal(1, 1)])).toMatchObject({ missing_rows: 0 });
});

test("a venue that nobody counted is not listed, and one whose rows are all gone is", () => {
  const compared = compareCounts({ dayStart, found: {}, totals: new Map([["bybit", hours(0, 4)]]), journals: [journal(0, 0)] });
  expect(compared).toMatchObject([{ exchange: "bybit", rows: 0, missing_rows: 4 }]);
});

test("rows that R2 neither has nor refused are still to come", () => {
  expect(rowsToCome([journal(10, 6, 1), journal(5, 5), { ...journal(2, 0), stores: {} }])).toBe(5);
});
