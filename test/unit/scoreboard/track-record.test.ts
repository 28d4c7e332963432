import { describe, expect, test } from "vitest";
import { type RecordedDecision, UNSETTLED, recordName, settled, standingOf, tradesOf } from "../../../src/scoreboard/track-record.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";

const decision = (sequence: number, outcome: RecordedDecision["outcome"]): RecordedDecision => {
  const time = Date.parse("2026-11-02") + 4 * sequence * HOUR_MS;
  return { sequence, created_time: time, minute: time, outcome };
};

test("another model or version of the prompt has a record of its own", () => {
  const key = { analyst: "deepseek", model: "deepseek-flash", prompt_version: "v2" } as const;
  const names = [key, { ...key, model: "other" }, { ...key, prompt_version: "v3" }, { ...key, model: null, prompt_version: null }].map(
    recordName,
  );
  expect(new Set(names).size).toBe(4);
  expect(recordName({ ...key })).toBe(names[0]);
});

test("a record goes on after its last settled decision", () => {
  const first = settled(UNSETTLED, [decision(3, 50), decision(5, "ungradable"), decision(9, "pending"), decision(12, 20)]);
  expect(first).toMatchObject({ sequence: 5, state: { episodes: 1 } });
  const next = settled(first, [decision(9, -10), decision(12, 20)]);
  expect(next).toMatchObject({ sequence: 12, state: { episodes: 3 } });
  expect(settled(next, [])).toEqual(next);
});

test("a new record is on paper with the wealth it began with", () => {
  expect(standingOf(UNSETTLED, 7, () => null)).toMatchObject({ paper: true, wealth: 1, grades_known: 7 });
});

describe("the records that a decision counts in", () => {
  const decided = {
    analyst: "deepseek",
    model: "one",
    prompt_version: "v3",
    action: "BUY",
    confidence: 61,
    reason_code: null,
    rule_action: "SELL",
    rule_version: "rules-v1",
    rule_confidence: 55,
  } as const;
  const models = (changes: object) => tradesOf({ ...decided, ...changes }).map(({ key, of }) => `${key.analyst} ${key.model} ${of}`);

  test("are its own and that of the rule model beside it", () => {
    expect(tradesOf(decided)).toEqual([
      { key: { analyst: "deepseek", model: "one", prompt_version: "v3" }, confidence: 61, of: "analyst" },
      { key: { analyst: "rules", model: "rules-v1", prompt_version: null }, confidence: 55, of: "rule" },
    ]);
    expect(models({ action: "NOTHING", reason_code: "timeout" })).toEqual(["rules rules-v1 rule"]);
  });

  test("leave out NOTHING, decisions that came too late, and versions that were not recorded", () => {
    expect(models({ rule_action: "NOTHING" })).toEqual(["deepseek one analyst"]);
    expect(models({ action: "NOTHING", reason_code: "late" })).toEqual([]);
    expect(models({ rule_version: undefined })).toEqual(["deepseek one analyst"]);
    expect(models({ analyst: "rules", model: "rules-v1", prompt_version: null })).toEqual(["rules rules-v1 analyst"]);
  });
});
