import { expect, test } from "vitest";
import { studentQuantile, studentTail } from "../../../src/scoreboard/student-t.ts";

const rounded = (tail: number, freedom: number) => studentQuantile(tail, freedom).toFixed(3);

test("quantiles are those of the tables", () => {
  expect([1, 2, 5, 10, 30].map((freedom) => rounded(0.05, freedom))).toEqual(["12.706", "4.303", "2.571", "2.228", "2.042"]);
  expect([3, 8].map((freedom) => rounded(0.01, freedom))).toEqual(["5.841", "3.355"]);
  expect(studentQuantile(0.05, 1e6)).toBeCloseTo(1.96, 3);
});

test("degrees of freedom need not be whole, and the tail undoes the quantile", () => {
  for (const freedom of [1.5, 3.7, 11.2, 240]) {
    for (const tail of [0.5, 0.05, 0.001]) expect(studentTail(studentQuantile(tail, freedom), freedom)).toBeCloseTo(tail, 9);
  }
  expect(studentTail(0, 4)).toBe(1);
  expect(studentTail(-2.5, 4)).toBe(studentTail(2.5, 4));
});
