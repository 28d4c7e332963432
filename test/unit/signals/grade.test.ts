import { describe, expect, test } from "vitest";
import { dueTime, entryMinute, gradeOf, mayStillCome, randomEntryMinute } from "../../../src/signals/grade.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { MINUTE } from "./sample-input.ts";

/** Up 50 bps in the end, 100 at the best, down 20 at the worst. */
const PATH = { entry: 100, exit: 100.5, high: 101, low: 99.8 };

describe("a grade", () => {
  test("of BUY is the mark's return less 10 bps", () => {
    const grade = gradeOf("BUY", "long", PATH, { entry: 200, exit: 198 });
    expect(grade.forward_return_bps).toBeCloseTo(50, 9);
    expect(grade.net_return_bps).toBeCloseTo(40, 9);
    expect(grade.best_excursion_bps).toBeCloseTo(100, 9);
    expect(grade.worst_excursion_bps).toBeCloseTo(-20, 9);
    expect(grade.random_net_return_bps).toBeCloseTo(-110, 9);
  });

  test("of SELL turns the return and the excursions round", () => {
    const grade = gradeOf("SELL", "long", PATH, { entry: 200, exit: 198 });
    expect(grade.forward_return_bps).toBeCloseTo(50, 9);
    expect(grade.net_return_bps).toBeCloseTo(-60, 9);
    expect(grade.best_excursion_bps).toBeCloseTo(20, 9);
    expect(grade.worst_excursion_bps).toBeCloseTo(-100, 9);
    expect(grade.random_net_return_bps).toBeCloseTo(90, 9);
  });

  test("of NOTHING has no return of its own", () => {
    const grade = gradeOf("NOTHING", "long", PATH, { entry: 200, exit: 198 });
    expect(grade).toMatchObject({ net_return_bps: null, random_net_return_bps: null });
    expect(grade.forward_return_bps).toBeCloseTo(50, 9);
  });

  test("tells what fading and following the forced flow would have earned", () => {
    const longs = gradeOf("NOTHING", "long", PATH, null);
    expect(longs.fade_net_return_bps).toBeCloseTo(40, 9);
    expect(longs.follow_net_return_bps).toBeCloseTo(-60, 9);
    const shorts = gradeOf("NOTHING", "short", PATH, null);
    expect(shorts.fade_net_return_bps).toBeCloseTo(-60, 9);
    expect(shorts.follow_net_return_bps).toBeCloseTo(40, 9);
    expect(gradeOf("BUY", null, PATH, null)).toMatchObject({
      fade_net_return_bps: null,
      follow_net_return_bps: null,
      random_net_return_bps: null,
    });
  });
});

describe("when a decision is graded", () => {
  test("it enters with the first minute that begins after it, never in its own", () => {
    expect(entryMinute(MINUTE + 1)).toBe(MINUTE + MINUTE_MS);
    expect(entryMinute(MINUTE)).toBe(MINUTE);
  });

  test("marks have three minutes to be stored, and a quarter of an hour to come", () => {
    const due = dueTime(MINUTE + 1, "1h");
    expect(due).toBe(MINUTE + MINUTE_MS + HOUR_MS + 3 * MINUTE_MS);
    expect(mayStillCome(due, due + 14 * MINUTE_MS)).toBe(true);
    expect(mayStillCome(due, due + 15 * MINUTE_MS)).toBe(false);
  });

  test("the random time is of the hash alone, on a minute, and its horizon ends before the decision", () => {
    const low = randomEntryMinute(MINUTE, "4h", "f".repeat(64));
    const high = randomEntryMinute(MINUTE, "4h", "0".repeat(64));
    expect(high).toBe(MINUTE - 4 * HOUR_MS);
    expect(low).toBe(MINUTE - 4 * HOUR_MS - DAY_MS);
    const middle = randomEntryMinute(MINUTE, "4h", `8${"0".repeat(63)}`);
    expect(middle).toBe(MINUTE - 16 * HOUR_MS);
  });
});
