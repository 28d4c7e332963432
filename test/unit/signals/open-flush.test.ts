import { describe, expect, test } from "vitest";
import { flushOf, flushSide, mayBeTurn, openFlush, turnOf } from "../../../src/signals/open-flush.ts";
import { rulesVerdict } from "../../../src/signals/rules-v1.ts";
import type { EarlierSpike } from "../../../src/signals/spike-rule.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { MINUTE, flowOf, sampleInput, sampleSymbolWindow, statistics } from "./sample-input.ts";

const SETTINGS = { threshold: 0.5, percentile: 0.9, floorUsd: 100_000, cooldownMinutes: 15 };
const ago = (minutes: number, changes: Partial<EarlierSpike> = {}): EarlierSpike => {
  return { minute: MINUTE - minutes * MINUTE_MS, severity_usd: 300_000, side: "long", has_turned: false, ...changes };
};
const flushAt = (earlier: EarlierSpike | null) => openFlush("BTC", MINUTE, SETTINGS, earlier);
const SIDES = { long: statistics({ usd: 500_000 }), short: statistics({ usd: 20_000 }) };
const { sides: LONGS } = sampleSymbolWindow(SIDES);

/** Minutes of a flush of longs: 200 bps down by the eighth, and back to a price. */
const flushTo = (last: number) => {
  const usd = [0, 0, 0, 0, 0, 200_000, 250_000, 50_000, 20_000, 5_000, 0, 0, 0, 0, 0];
  return flowOf(usd.map((longs, index) => [longs, 0, index === 14 ? last : index < 5 ? 100 : index < 7 ? 99 : 98] as const));
};

describe("the flush of a decided spike is open", () => {
  test("within its cool-down, until it has turned", () => {
    expect(flushAt(ago(5))).toEqual({ symbol: "BTC", side: "long", minute: MINUTE - 5 * MINUTE_MS, end_time: MINUTE + 10 * MINUTE_MS });
    expect(flushAt(ago(15)), "the rule applies again").toBeNull();
    expect(flushAt(ago(5, { has_turned: true }))).toBeNull();
    expect(flushAt(null)).toBeNull();
  });

  test("not where neither side dominated, nor where it had turned when it was decided on", () => {
    expect(flushAt(ago(5, { side: null }))).toBeNull();
    expect(flushSide(sampleInput(SIDES, { flow: flushTo(98) }))).toBe("long");
    expect(flushSide(sampleInput(SIDES, { flow: flushTo(98.5) }))).toBeNull();
    expect(flushSide(sampleInput({}))).toBeNull();
  });

  test("not without a cool-down, in which every minute asks by itself", () => {
    expect(flushOf(sampleInput(SIDES), SETTINGS)).toMatchObject({ side: "long", end_time: MINUTE + 15 * MINUTE_MS });
    expect(flushOf(sampleInput(SIDES), { ...SETTINGS, cooldownMinutes: 0 })).toBeNull();
  });
});

describe("a flush has turned", () => {
  const flush = flushAt(ago(5));
  if (flush === null) throw new Error("it is open");

  test.each([
    [98.41, true],
    [98.39, false],
    [98, false],
  ])("once a fifth of its move is recovered: at %d", (price, isTurn) => {
    expect(mayBeTurn(flush, { flow: flushTo(price), sigmaBps: 10 })).toBe(isTurn);
    const input = sampleInput(SIDES, { flow: flushTo(price) });
    expect(rulesVerdict(input).action, "what the rules then say").toBe(isTurn ? "BUY" : "NOTHING");
  });

  test("only after a move of at least 3 deviations of 15 minutes", () => {
    expect(mayBeTurn(flush, { flow: flushTo(99), sigmaBps: 17 })).toBe(true);
    expect(mayBeTurn(flush, { flow: flushTo(99), sigmaBps: 18 })).toBe(false);
  });

  test("only while its side dominates the window", () => {
    const seen = { flow: flushTo(99), sigmaBps: 10 };
    expect(turnOf(flush, seen, { sides: LONGS })).toEqual({ kind: "turn", sides: ["long"], severity_usd: 500_000 });
    const { sides } = sampleSymbolWindow({ long: SIDES.short, short: SIDES.long });
    expect(turnOf(flush, seen, { sides })).toBeNull();
  });
});
