import type { ExchangeName } from "../../src/liquidation.ts";
import type { Fault } from "./fault.ts";
import { planFaults } from "./plan.ts";

/** What happens in a campaign, from its seed and its length in minutes. */
export type Scenario = (seed: number, minutes: number) => readonly Fault[];
export type ScenarioName = keyof typeof SCENARIOS;

const LOADED: ExchangeName = "bybit";

export const SCENARIOS = {
  /** Random faults of every kind. */
  faults: planFaults,
  /** 3,000/s on one venue for half a minute of each minute, and a planned roll-over in the middle. */
  "roll-over": (_seed, minutes) =>
    minutesOf(minutes).flatMap((start) => [
      burst(start + 5_000, 30_000, 3_000),
      // The book breaks, and its new subscription has 15 s to mend it before a new session does.
      { at: start + 6_000, exchange: LOADED, venue: { kind: "roll_over" } },
    ]),
  /** 2,000/s, 3,500/s and 5,000/s on one venue in each minute, with rests in which the collector must recover. */
  overload: (_seed, minutes) =>
    minutesOf(minutes).flatMap((start) =>
      [2_000, 3_500, 5_000].map((perSecond, index) => burst(start + 3_000 + index * 19_000, 12_000, perSecond)),
    ),
} as const satisfies Readonly<Record<string, Scenario>>;

function minutesOf(minutes: number): readonly number[] {
  return Array.from({ length: Math.max(1, Math.floor(minutes)) }, (_, index) => index * 60_000);
}

function burst(at: number, ms: number, perSecond: number): Fault {
  return { at, exchange: LOADED, venue: { kind: "burst", ms, perSecond } };
}
