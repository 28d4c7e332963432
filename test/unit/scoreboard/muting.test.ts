import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type MutingDecision,
  type MutingState,
  NEW_RECORD,
  afterDecisions,
  afterEpisode,
  betOf,
  mutingStatus,
} from "../../../src/scoreboard/muting.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const START = Date.parse("2026-11-02");
const after = (returns: readonly number[], state: MutingState = NEW_RECORD): MutingState =>
  returns.reduce((current, net) => ({ ...current, ...afterEpisode(current, net) }), state);
/** Gains of 60 bps and losses of 30. */
const mixed = (count: number) => Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 60 : -30));
const decision = (hours: number, outcome: MutingDecision["outcome"]): MutingDecision => ({
  created_time: START + hours * HOUR_MS,
  minute: START + hours * HOUR_MS,
  outcome,
});

describe("the wealth of a bettor on an analyst", () => {
  test("starts with 1 and no bet, and grows by the bet times the return", () => {
    expect(betOf(NEW_RECORD)).toBe(0);
    const one = after([30]);
    expect(one).toMatchObject({ wealth: 1, muted: true, episodes: 1, sum: 0.1 });
    const bet = betOf(one);
    expect(bet).toBeCloseTo(0.05 / ((0.01 + 4) / 2 - 0.05 ** 2), 12);
    expect(after([60], one).wealth).toBeCloseTo(1 + bet * 0.2, 12);
  });

  test("is un-muted at 20, and muted again under 2 alone", () => {
    const state = { ...after(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 60 : -30))), wealth: 19 };
    const unmuted = after([200], state);
    expect(unmuted.wealth).toBeGreaterThan(20);
    expect(unmuted.muted).toBe(false);
    expect(after([0], { ...unmuted, wealth: 2.01 }).muted).toBe(false);
    expect(after([0], { ...unmuted, wealth: 1.99 }).muted).toBe(true);
    expect(after([0], { ...unmuted, wealth: 19, muted: true }).muted).toBe(true);
  });

  test("bets nothing on an analyst that lost, and never more than half", () => {
    expect(betOf(after([50, -80]))).toBe(0);
    expect(betOf(after(Array.from({ length: 500 }, () => 100)))).toBe(0.5);
  });

  test("bets so that a loss twice the largest before would not ruin", () => {
    const state = after([-900, ...Array.from({ length: 3_000 }, () => 200)]);
    expect(betOf(state)).toBeCloseTo(0.98 / 6, 12);
    expect(after([-1_800], state).wealth).toBeCloseTo(state.wealth * 0.02, 9);
  });

  test("stays above 0 whatever happens, never exceeds 200, and bets from the past alone", () => {
    const returns = fc.array(fc.oneof(fc.double({ min: -20_000, max: 20_000, noNaN: true }), fc.constant(150)), { maxLength: 200 });
    fc.assert(
      fc.property(returns, fc.double({ min: -20_000, max: 20_000, noNaN: true }), (past, next) => {
        const state = after(past);
        const bet = betOf(state);
        expect(bet).toBeGreaterThanOrEqual(0);
        expect(bet).toBeLessThanOrEqual(0.5);
        const { wealth } = after([next], state);
        expect(wealth).toBeGreaterThan(0);
        expect(wealth).toBeLessThanOrEqual(200);
        // A gain over 300 bps counts as 300.
        if (next <= 0) expect(wealth).toBeLessThanOrEqual(state.wealth);
        else expect(wealth).toBeLessThanOrEqual(state.wealth * (1 + bet));
      }),
      { numRuns: 200 },
    );
  });

  test("says by which factor it has to grow, and in how many episodes like those before", () => {
    expect(mutingStatus(NEW_RECORD)).toMatchObject({ paper: true, missing_factor: 20, missing_episodes: null });
    const state = after(mixed(100));
    const { missing_factor: factor, missing_episodes: episodes } = mutingStatus(state);
    expect(factor).toBeCloseTo(20 / state.wealth, 12);
    expect(after(mixed(episodes ?? 0), state).wealth).toBeGreaterThan(15);
    expect(mutingStatus({ ...state, muted: false })).toMatchObject({ paper: false, missing_factor: null, missing_episodes: null });
  });
});

describe("the decisions of a record that count", () => {
  test("are the first of each 4 hours", () => {
    const { state, settled } = afterDecisions(NEW_RECORD, [decision(0, 10), decision(2, -500), decision(3.9, -500), decision(4, 20)]);
    expect(state).toMatchObject({ episodes: 2, largest_loss: 0, last_episode: START / (4 * HOUR_MS) + 1 });
    expect(state.sum).toBeCloseTo(30 / 300, 12);
    expect(settled).toBe(4);
  });

  test("are made after the outcome of the one before was known", () => {
    const late = decision(3.8, 10);
    const known = late.created_time + HOUR_MS + 3 * MINUTE_MS;
    const next = { ...decision(0, -500), created_time: known - 1, minute: known - MINUTE_MS };
    expect(afterDecisions(NEW_RECORD, [late, next]).state.episodes).toBe(1);
    expect(afterDecisions(NEW_RECORD, [late, { ...next, created_time: known }]).state.episodes).toBe(2);
  });

  test("can be graded: one without marks gives its place to the next", () => {
    const { state } = afterDecisions(NEW_RECORD, [decision(0, "ungradable"), decision(1, 30)]);
    expect(state).toMatchObject({ episodes: 1, sum: 0.1 });
  });

  test("end at the first pending one that would count, and go on once it is graded", () => {
    const pending = [decision(0, 10), decision(1, "pending"), decision(4, "pending"), decision(8, 20)];
    const first = afterDecisions(NEW_RECORD, pending);
    // The second is of an episode that counted already.
    expect(first).toMatchObject({ settled: 2, state: { episodes: 1 } });
    const graded = [decision(0, 10), decision(1, -20), decision(4, 15), decision(8, 20)];
    const whole = afterDecisions(NEW_RECORD, graded);
    expect(afterDecisions(first.state, graded.slice(first.settled))).toEqual({ state: whole.state, settled: 2 });
  });

  test("give the same record however they are divided", () => {
    const outcome = fc.oneof(fc.integer({ min: -400, max: 400 }), fc.constant("ungradable" as const));
    const steps = fc.array(fc.record({ hours: fc.double({ min: 0.02, max: 6, noNaN: true }), outcome }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.nat(40), (made, cut) => {
        let hours = 0;
        const decisions = made.map((one) => decision((hours += one.hours), one.outcome));
        const whole = afterDecisions(NEW_RECORD, decisions);
        const part = afterDecisions(NEW_RECORD, decisions.slice(0, cut));
        expect(afterDecisions(part.state, decisions.slice(part.settled)).state).toEqual(whole.state);
      }),
    );
  });
});
