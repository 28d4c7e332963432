import { expect, test } from "vitest";
import { Wait } from "../../../durable-objects/exchange-feed/wait.ts";

test("a wait is over after its time", () => {
  const wait = new Wait();
  expect(wait.isOver(0)).toBe(true);
  wait.start(1_000, 500);
  expect([wait.isOver(1_499), wait.remainingMs(1_400), wait.isOver(1_500)]).toEqual([false, 100, true]);
});

test("a clock that goes back an hour does not lengthen a wait by it", () => {
  const wait = new Wait();
  wait.start(3_600_000, 500);
  expect(wait.isOver(1_000)).toBe(false);
  expect(wait.isOver(1_500)).toBe(true);
});
