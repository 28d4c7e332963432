import { expect, test } from "vitest";
import { simulateMarketDays } from "../../../scripts/market-simulation/market-days.ts";
import { type Correlations, correlationsOf, strongestKnown } from "../../../src/market-state/correlations.ts";
import type { MarketDay } from "../../../src/market-state/market-day.ts";

const known = (correlations: Correlations) => strongestKnown({ to_time: 0, correlations }, 0);

test.each([
  { measure: "open_interest_change", position_side: "short", lag_minutes: 15, strength: 0.3 },
  { measure: "basis", position_side: "long", lag_minutes: -15, strength: 0.15 },
  { measure: "funding_rate", position_side: "short", lag_minutes: 60, strength: -0.15 },
] as const)("finds a planted dependence on $measure at its lag of $lag_minutes minutes, with its sign", (planted) => {
  const [best] = known(correlationsOf(simulateMarketDays({ seed: 7, days: 14, planted }), 1));
  const { strength, ...where } = planted;
  expect(best).toMatchObject({ ...where, distinguishable: true });
  expect(Math.sign(best?.correlation ?? 0)).toBe(Math.sign(strength));
  // Only the open interest's changes are independent from step to step.
  if (where.measure !== "open_interest_change") expect(best?.effective_pairs).toBeLessThan(best?.pairs ?? 0);
});

test("finds nothing in independent series, of which funding is a slow random walk, in all but 5 of 100 base assets", () => {
  const families = Array.from({ length: 16 }, (_, seed) => correlationsOf(simulateMarketDays({ seed, days: 7, planted: null }), seed));
  expect(families.map(({ entries }) => entries.length)).toEqual(families.map(() => 42));
  expect(families.filter((one) => known(one).length > 0).length).toBeLessThanOrEqual(1);
});

test("an entry whose interval includes 0 has no correlation", () => {
  const { entries } = correlationsOf(simulateMarketDays({ seed: 3, days: 7, planted: null }), 3);
  for (const { correlation, low, high, distinguishable } of entries) {
    expect(distinguishable).toBe(low > 0 || high < 0);
    expect(correlation === null).toBe(!distinguishable);
  }
});

test("is withheld with the reason under 7 days, and where gaps go through the series", () => {
  const days = simulateMarketDays({ seed: 1, days: 14, planted: null });
  const short = correlationsOf([...Array.from({ length: 8 }, () => null), ...days.slice(0, 6)], 1);
  expect(short).toEqual({
    status: "withheld",
    reason: "6 of the last 14 days are stored; 7 are needed",
    entries: [],
  });
  // A quarter of every block.
  const gapped = days.map((day): MarketDay => ({ ...day, flow: { long: withGaps(day.flow.long), short: withGaps(day.flow.short) } }));
  const { status, reason } = correlationsOf(gapped, 1);
  expect(status).toBe("withheld");
  expect(reason).toMatch(
    /^0 six-hour blocks have liquidations, a market that moves, and at least 80 % of their steps known; 24 are needed$/u,
  );
});

function withGaps(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.map((value, step) => (step % 4 === 0 ? null : value));
}

test("correlations of days that ended over 3 days ago are shown to no decision", () => {
  const correlations = correlationsOf(
    simulateMarketDays({
      seed: 7,
      days: 14,
      planted: { measure: "basis", position_side: "long", lag_minutes: 0, strength: 0.3 },
    }),
    1,
  );
  const DAY_MS = 86_400_000;
  expect(strongestKnown({ to_time: 0, correlations }, 3 * DAY_MS).length).toBeGreaterThan(0);
  expect(strongestKnown({ to_time: 0, correlations }, 3 * DAY_MS).length).toBeLessThanOrEqual(3);
  expect(strongestKnown({ to_time: 0, correlations }, 3 * DAY_MS + 1)).toEqual([]);
  expect(strongestKnown(null, 0)).toEqual([]);
});
