import { expect, test } from "vitest";
import { fileSlices } from "../../../src/exports/file-slices.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";

const DAY = Date.UTC(2026, 10, 20);
const hours = (...rows: readonly number[]) => rows.map((count, hour) => ({ from_time: DAY + hour * HOUR_MS, rows: count }));
const starts = (...rows: readonly number[]) => fileSlices(DAY, hours(...rows), 5_000).map(({ start }) => (start - DAY) / HOUR_MS);

test("slices of a file are read together up to the limit, and a larger one by itself", () => {
  expect(starts(2_000, 2_500, 2_000, 9_000, 100, 0, 4_900)).toEqual([0, 2, 3, 4]);
});

test("slices cover the whole day without overlap, with or without rows", () => {
  for (const rows of [[], [0, 0], [1], [5_000, 5_000, 5_000]]) {
    const slices = fileSlices(DAY, hours(...rows), 5_000);
    expect(slices[0]?.start).toBe(DAY);
    expect(slices.at(-1)?.end).toBe(DAY + DAY_MS);
    for (const [index, { end }] of slices.slice(0, -1).entries()) expect(slices[index + 1]?.start).toBe(end);
  }
});
