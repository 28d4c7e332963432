import { describe, expect, test } from "vitest";
import { type EarlierSpike, type SpikeDecision, judgeSpike, mayBeSpike } from "../../../src/signals/spike-rule.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { logRank } from "../../../src/windows/log-rank.ts";
import type { SymbolWindow } from "../../../src/windows/symbol-window.ts";
import type { WindowStatistics } from "../../../src/windows/window-statistics.ts";
import { MINUTE, sampleSymbolWindow, statistics } from "./sample-input.ts";

const SETTINGS = { threshold: 0.5, percentile: 0.9, floorUsd: 100_000, cooldownMinutes: 15 };
type Numbers = Partial<Pick<WindowStatistics, "usd" | "previous_usd" | "change_pct" | "percentile">>;

const judge = (side: "long" | "short" | "total", numbers: Numbers, share = 1, earlier: EarlierSpike | null = null): SpikeDecision =>
  judgeSpike(withShare(sampleSymbolWindow({ [side]: statistics(numbers) }), share), SETTINGS, earlier);

/** The same, compared over venues with this share of the USD. */
function withShare(window: SymbolWindow, share: number): SymbolWindow {
  return { ...window, comparison: { ...window.comparison, share } };
}

describe("a window is a spike", () => {
  test.each([
    ["that rose by exactly the threshold", { usd: 150_000, change_pct: 50 }, ["change"]],
    ["that ranks at the 99th percentile without a rise", { usd: 150_000, change_pct: -10, percentile: 0.99 }, ["percentile"]],
    ["that ranks so with nothing before it", { usd: 150_000, change_pct: null, percentile: 1 }, ["percentile"]],
    ["at exactly the floor", { usd: 100_000, change_pct: 500 }, ["change"]],
    ["by both", { usd: 200_000, change_pct: 80, percentile: 0.999 }, ["change", "percentile"]],
  ] as const)("%s", (_name, numbers, by) => {
    for (const side of ["long", "short", "total"] as const) {
      const decision = judge(side, numbers);
      expect(decision).toMatchObject({ outcome: "spike", sides: [side], severity_usd: numbers.usd, earlier: null });
      expect(decision.numbers[side]).toEqual({ percentile: null, ...numbers, by });
    }
  });
});

describe("a window is quiet", () => {
  test.each([
    ["just under the threshold and the percentile", { usd: 150_000, change_pct: 49.999, percentile: 0.9899 }],
    ["under the floor, whatever it rose by", { usd: 99_999, change_pct: 10_000, percentile: 1 }],
    ["with no rise known and no rank known", { usd: 5_000_000, change_pct: null, percentile: null }],
    ["whose sum is unknown", { usd: null, change_pct: null, percentile: null }],
  ] as const)("%s", (_name, numbers) => {
    expect(judge("long", numbers)).toMatchObject({ outcome: "quiet", sides: [], severity_usd: 0 });
  });

  test("where too few venues were covered in both windows, unless it ranks as a spike", () => {
    const rise = { usd: 900_000, change_pct: 900 };
    expect(judge("long", rise, 0.9)).toMatchObject({ outcome: "spike", change_comparable: true });
    expect(judge("long", rise, 0.89)).toMatchObject({ outcome: "quiet", change_comparable: false });
    expect(judge("long", { ...rise, percentile: 0.995 }, 0)).toMatchObject({ outcome: "spike" });
  });

  test("each side needs the floor by itself", () => {
    const symbolWindow = sampleSymbolWindow({
      short: statistics({ usd: 90_000, change_pct: 400 }),
      total: statistics({ usd: 140_000, change_pct: 20 }),
    });
    expect(judgeSpike(symbolWindow, SETTINGS, null).outcome).toBe("quiet");
  });
});

/** The outcome where the longs, without their largest liquidation, rank at `rest`. */
const judgeWith = (numbers: Numbers, rest: number | null, percentile = 0.9) => {
  const window = sampleSymbolWindow(
    { long: statistics(numbers) },
    { percentile_without_largest: { long: rest, short: null, total: null } },
  );
  return judgeSpike(window, { ...SETTINGS, percentile }, null).outcome;
};

describe("a rise", () => {
  const rise = { usd: 150_000, change_pct: 60 };
  test("counts only at the set percentile without its largest liquidation", () => {
    expect(judgeWith({ ...rise, percentile: 0.9 }, 0.9)).toBe("spike");
    expect(judgeWith({ ...rise, percentile: 0.899 }, 0.899)).toBe("quiet");
    expect(judgeWith({ ...rise, percentile: 0.97 }, 0.5)).toBe("quiet");
    expect(judgeWith({ ...rise, percentile: 0.99 }, 0.5)).toBe("spike");
  });

  test("decides alone with less than 24 h of history, and where percentiles are switched off", () => {
    expect(judgeWith(rise, null)).toBe("spike");
    expect(judgeWith({ ...rise, percentile: 0.1 }, 0.1, 0)).toBe("spike");
    expect(judgeWith({ ...rise, change_pct: 10, percentile: 1 }, 1, 0)).toBe("quiet");
  });

  test("from a covered zero is above any threshold", () => {
    expect(judgeWith({ usd: 50_000_000, previous_usd: 0, change_pct: null }, null)).toBe("spike");
    expect(judgeWith({ usd: 50_000_000, previous_usd: null, change_pct: null }, null)).toBe("quiet");
  });
});

describe("a window that may be a spike, going by its USD alone", () => {
  const sample = Array.from({ length: 60 }, (_, index) => 4_000 * 1.09 ** index);
  const rank = (_side: string, usd: number | null) => (usd === null ? null : logRank(sample, usd));
  const isFound = (usd: number, percentile: number) => mayBeSpike({ long: usd, short: 0, total: usd }, rank, { ...SETTINGS, percentile });

  test("is every window that the rule finds a spike, and not every other one", () => {
    let [spikes, spared] = [0, 0];
    for (const percentile of [0, 0.5, 0.9, 0.99]) {
      for (let usd = 50_000; usd < 2_000_000; usd *= 1.003) {
        for (const largest of [0, usd / 3]) {
          const numbers = { usd, change_pct: 60, percentile: rank("long", usd) };
          const isSpike = judgeWith(numbers, rank("long", usd - largest), percentile) === "spike";
          const isPossible = isFound(usd, percentile);
          expect(isSpike && !isPossible, `${usd} USD at percentile ${percentile}`).toBe(false);
          if (isSpike) spikes += 1;
          if (!isPossible) spared += 1;
        }
      }
    }
    expect(Math.min(spikes, spared)).toBeGreaterThan(500);
  });

  test("is one at exactly the minimum, however its sum is rounded, and any where no rank is known", () => {
    expect(isFound(100_000 - 1e-9, 0.5)).toBe(true);
    expect(mayBeSpike({ long: 100_000, short: 0, total: 100_000 }, () => null, SETTINGS)).toBe(true);
    expect(mayBeSpike({ long: 60_000, short: 39_000, total: 99_000 }, () => null, SETTINGS)).toBe(false);
  });
});

const ago = (minutes: number, severity: number): EarlierSpike => ({
  minute: MINUTE - minutes * MINUTE_MS,
  severity_usd: severity,
  side: "long",
  has_turned: false,
});

describe("the cool-down", () => {
  const spike = { usd: 300_000, change_pct: 100 };

  test("holds a spike back until it is over", () => {
    expect(judge("long", spike, 1, ago(14, 300_000)).outcome).toBe("cooling_down");
    expect(judge("long", spike, 1, ago(15, 300_000)).outcome).toBe("spike");
  });

  test("lets a spike through that is twice as severe", () => {
    expect(judge("long", spike, 1, ago(1, 150_000)).outcome).toBe("spike");
    expect(judge("long", spike, 1, ago(1, 150_001)).outcome).toBe("cooling_down");
  });

  test("is no spike's where there is none", () => {
    expect(judge("long", { usd: 0 }, 1, ago(1, 1)).outcome).toBe("quiet");
  });
});
