import { describe, expect, test } from "vitest";
import type { MarkPath } from "../../../src/grades/mark-path.ts";
import { type GradedAction, dueTime, entryMinute, givenGrade, gradeOf, mayStillCome } from "../../../src/grades/grade.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { SAMPLE_PATH } from "../signals/sample-grade.ts";
import { MINUTE } from "../signals/sample-input.ts";

const decision = (changes: Partial<GradedAction>): GradedAction => ({
  action: "BUY",
  rule_action: "NOTHING",
  side: "long",
  hash: "5f".repeat(32),
  ...changes,
});
const grade = (changes: Partial<GradedAction>, path: Partial<MarkPath> = {}) =>
  gradeOf(decision(changes), "1h", { ...SAMPLE_PATH, ...path }, []);

describe("a grade", () => {
  test("of BUY is the mark's return less the venue's cost", () => {
    const { forward_return_bps, net_return_bps, best_excursion_bps, worst_excursion_bps } = grade({});
    expect(forward_return_bps).toBeCloseTo(50, 9);
    expect(net_return_bps).toBeCloseTo(38, 9);
    expect(best_excursion_bps).toBeCloseTo(100, 9);
    expect(worst_excursion_bps).toBeCloseTo(-20, 9);
  });

  test("of SELL turns the return and the excursions round", () => {
    const { forward_return_bps, net_return_bps, best_excursion_bps, worst_excursion_bps } = grade({ action: "SELL" });
    expect(forward_return_bps).toBeCloseTo(50, 9);
    expect(net_return_bps).toBeCloseTo(-62, 9);
    expect(best_excursion_bps).toBeCloseTo(20, 9);
    expect(worst_excursion_bps).toBeCloseTo(-100, 9);
  });

  test("of NOTHING has no return of its own, and no random times", () => {
    const { forward_return_bps, ...nothing } = grade({ action: "NOTHING" });
    expect(nothing).toMatchObject({ net_return_bps: null, random_net_return_bps: null, random_hit_rate: null, random_draws: null });
    expect(forward_return_bps).toBeCloseTo(50, 9);
  });

  test("has the rule model's return on the same path beside the analyst's", () => {
    expect(grade({ action: "BUY", rule_action: "SELL" }).rule_net_return_bps).toBeCloseTo(-62, 9);
    expect(grade({ action: "NOTHING", rule_action: "BUY" }).rule_net_return_bps).toBeCloseTo(38, 9);
    expect(grade({ action: "BUY", rule_action: "NOTHING" }).rule_net_return_bps).toBeNull();
  });

  test("tells what fading and following the forced flow would have earned", () => {
    const longs = grade({ action: "NOTHING", side: "long" });
    expect(longs.fade_net_return_bps).toBeCloseTo(38, 9);
    expect(longs.follow_net_return_bps).toBeCloseTo(-62, 9);
    const shorts = grade({ action: "NOTHING", side: "short" });
    expect(shorts.fade_net_return_bps).toBeCloseTo(-62, 9);
    expect(shorts.follow_net_return_bps).toBeCloseTo(38, 9);
    expect(grade({ side: null })).toMatchObject({ fade_net_return_bps: null, follow_net_return_bps: null });
  });

  test("charges funding to the side that pays it and credits the other, and no net return where it is unknown", () => {
    expect(grade({ action: "BUY" }, { fundingBps: 3 }).net_return_bps).toBeCloseTo(35, 9);
    expect(grade({ action: "SELL" }, { fundingBps: 3 }).net_return_bps).toBeCloseTo(-59, 9);
    expect(grade({ action: "BUY" }, { fundingBps: null })).toMatchObject({ funding_bps: null, net_return_bps: null });
  });

  test.each([
    ["unknown_spread", { cost: { ...SAMPLE_PATH.cost, spread_bps: null, cost_bps: null } }],
    ["unknown_impact", { cost: { ...SAMPLE_PATH.cost, impact_10k_bps: null, cost_bps: null } }],
    ["unknown_funding", { fundingBps: null }],
  ])("of %s has the return before cost, the known parts and that reason, and no net return of anybody", (problem, changes) => {
    const path = { ...SAMPLE_PATH, ...changes };
    const given = givenGrade(path, gradeOf(decision({ rule_action: "SELL" }), "1h", path, []), MINUTE);
    expect(given).toMatchObject({ problem, fee_bps: 11, exchange: "bybit", exit_price: 100.5 });
    expect(given.forward_return_bps).toBeCloseTo(50, 9);
    expect(given).toMatchObject({
      net_return_bps: null,
      rule_net_return_bps: null,
      fade_net_return_bps: null,
      follow_net_return_bps: null,
      random_net_return_bps: null,
      random_hit_rate: null,
    });
  });

  test("says how many random times matched, and no figure of fewer than 20", () => {
    expect(grade({})).toMatchObject({ random_net_return_bps: null, random_hit_rate: null, random_draws: 0 });
  });

  test("without a path is its reason and nothing else", () => {
    const { version, graded_time, problem, ...rest } = givenGrade("few_samples", null, MINUTE);
    expect({ version, graded_time, problem }).toEqual({ version: 3, graded_time: MINUTE, problem: "few_samples" });
    expect(new Set(Object.values(rest))).toEqual(new Set([null]));
  });
});

const at = (created_time: number) => ({ created_time, minute: MINUTE });

describe("when a decision is graded", () => {
  test("it enters with the first minute that begins after it, never in its own", () => {
    expect(entryMinute(at(MINUTE + 1))).toBe(MINUTE + MINUTE_MS);
    expect(entryMinute(at(MINUTE))).toBe(MINUTE);
  });

  test("it never enters before the data it was made on, however far the clock ran back", () => {
    expect(entryMinute(at(MINUTE - HOUR_MS))).toBe(MINUTE);
  });

  test("marks have three minutes to be stored, and a quarter of an hour to come", () => {
    const due = dueTime(at(MINUTE + 1), "1h");
    expect(due).toBe(MINUTE + MINUTE_MS + HOUR_MS + 3 * MINUTE_MS);
    expect(mayStillCome(due, due + 14 * MINUTE_MS)).toBe(true);
    expect(mayStillCome(due, due + 15 * MINUTE_MS)).toBe(false);
  });
});
