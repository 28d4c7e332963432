import { expect, test } from "vitest";
import { blockSums, centredRanks } from "../../../src/market-state/block-sums.ts";

test("ranks are about their mean, and equal values share theirs", () => {
  expect(centredRanks([30, 10, 20])).toEqual([1 / 3, -1 / 3, 0]);
  expect(centredRanks([5, 5, 9, 1])).toEqual([0, 0, 1.5 / 4, -1.5 / 4]);
});

test("pairs a value with the one so many steps later, inside its block, and leaves unknown ones out", () => {
  const x = [1, 2, 3, 4, null, 6];
  const y = [0, 0, 10, 20, 30, 40, 50, 60];
  expect(blockSums(x, y, 0, 6, 2, 5)).toMatchObject({ pairs: 5 });
  const sums = blockSums(x, y, 0, 6, 2, 5);
  expect((sums?.xy ?? 0) / Math.sqrt((sums?.xx ?? 0) * (sums?.yy ?? 0))).toBeCloseTo(1, 12);
  expect(blockSums(x, y, 0, 6, 2, 6)).toBeNull();
});

test("a block in which one series never changes says nothing", () => {
  expect(blockSums([1, 2, 3], [0, 0, 0], 0, 3, 0, 3)).toBeNull();
});
