import { describe, expect, test } from "vitest";
import { type ExportRequest, datesOf, exportFileName } from "../../../src/exports/export-request.ts";
import { stretchesOf } from "../../../src/exports/stretches.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";

const DAY = Date.UTC(2026, 10, 20);
const request = (changes: Partial<ExportRequest>): ExportRequest => ({
  kind: "liquidations",
  start: DAY,
  end: DAY + DAY_MS,
  format: "csv",
  compression: "none",
  symbols: null,
  exchanges: null,
  side: null,
  min_usd: null,
  columns: null,
  inferred: false,
  ...changes,
});

test("a file is named after its date, or after the whole range", () => {
  expect(exportFileName(request({}), "2026-11-20")).toBe("liquidations_20261120.csv");
  expect(exportFileName(request({ end: DAY + 1, compression: "gzip" }), null)).toBe(
    "liquidations_20261120T000000Z_20261120T000000001Z.csv.gz",
  );
});

test("the dates of a range are those it touches; its end is not in it", () => {
  expect(datesOf({ start: DAY + 5, end: DAY + 2 * DAY_MS })).toEqual(["2026-11-20", "2026-11-21"]);
  expect(datesOf({ start: DAY + 5, end: DAY + 6 })).toEqual(["2026-11-20"]);
});

const cut = (start: number, end: number, dates: readonly string[]) =>
  stretchesOf({ start, end }, dates).map((stretch) => [stretch.kind, (stretch.start - DAY) / HOUR_MS, (stretch.end - DAY) / HOUR_MS]);

describe("a range is cut into days that are stored and stretches of days that are not", () => {
  test.each([
    [0, 24, ["2026-11-20"], [["partial", 0, 24]]],
    [1, 30, [], [["elsewhere", 1, 30]]],
    [
      -30,
      60,
      ["2026-11-20", "2026-11-21", "2026-12-01"],
      [
        ["elsewhere", -30, 0],
        ["partial", 0, 24],
        ["stored", 24, 48],
        ["elsewhere", 48, 60],
      ],
    ],
    [3, 4, ["2026-11-20"], [["partial", 3, 4]]],
  ])("from hour %i to %i with files of %j", (start, end, dates, wanted) => {
    expect(cut(DAY + start * HOUR_MS, DAY + end * HOUR_MS, dates)).toEqual(wanted);
  });
});
