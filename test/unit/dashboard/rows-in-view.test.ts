import { expect, test } from "vitest";
import { rowsInView, rowsMoved } from "../../../dashboard/src/parts/rows-in-view.ts";

const list = (names: string) => [...names];
const keyOf = (rows: readonly string[]) => (index: number) => rows[index] ?? "";

/** By how many rows the rows in view, three from the third on, move when the list changes. */
function moved(after: string): number {
  const before = list("abcdefgh");
  const rows = list(after);
  return rowsMoved(rowsInView(48, 72, 24, before.length, keyOf(before)), rows.length, keyOf(rows));
}

test("the rows in view are those between two places, with what shows of a row at either edge", () => {
  const rows = list("abcdefgh");
  expect(rowsInView(48, 72, 24, rows.length, keyOf(rows))).toEqual({ first: 2, keys: ["c", "d", "e"] });
  expect(rowsInView(50, 72, 24, rows.length, keyOf(rows))).toEqual({ first: 2, keys: ["c", "d", "e", "f"] });
  expect(rowsInView(170, 72, 24, rows.length, keyOf(rows))).toEqual({ first: 7, keys: ["h"] });
});

test("rows that come first move those in view by their number, also where as many leave at the end", () => {
  expect(moved("xyabcdefgh")).toBe(2);
  expect(moved("xyabcdef")).toBe(2);
});

test("rows that are joined above move those in view back", () => {
  expect(moved("xcdefgh")).toBe(-1);
});

test("where the first row in view is gone, the next one that is left counts", () => {
  expect(moved("xyzabdefgh")).toBe(2);
  expect(moved("xyz")).toBe(0);
});
