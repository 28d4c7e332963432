import { expect, test } from "vitest";
import { minutesToRun } from "../../../src/signals/catch-up.ts";
import { signalId } from "../../../src/signals/signal-id.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { MINUTE } from "./sample-input.ts";

const ago = (minutes: number) => MINUTE - minutes * MINUTE_MS;

test("a first run does its own minute", () => {
  expect(minutesToRun(null, MINUTE)).toEqual([MINUTE]);
});

test("a run does the minutes since the last, oldest first", () => {
  expect(minutesToRun(ago(1), MINUTE)).toEqual([MINUTE]);
  expect(minutesToRun(ago(3), MINUTE)).toEqual([ago(2), ago(1), MINUTE]);
});

test("a run makes up for 15 missed minutes and no more", () => {
  const minutes = minutesToRun(ago(500), MINUTE);
  expect(minutes).toHaveLength(16);
  expect(minutes[0]).toBe(ago(15));
  expect(minutes.at(-1)).toBe(MINUTE);
});

test("a repeated or late run does nothing", () => {
  expect(minutesToRun(MINUTE, MINUTE)).toEqual([]);
  expect(minutesToRun(MINUTE, ago(2))).toEqual([]);
});

test.each([
  ["spike", "BTC-15m-20261120T1405Z"],
  ["escalation", "BTC-15m-20261120T1405Z"],
  ["turn", "BTC-15m-20261120T1405Z-turn"],
] as const)("a decision's id names symbol, window, minute and whether it is a turn, and nothing else: %s", (kind, id) => {
  const trigger = { kind, sides: ["long"] as const, severity_usd: 1 };
  expect(signalId({ symbol: "BTC", window: "15m", minute: MINUTE, trigger })).toBe(id);
});
