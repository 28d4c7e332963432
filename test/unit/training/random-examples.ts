import { createRandom } from "../../../scripts/simulator/random.ts";
import { RULE_FEATURES } from "../../../src/signals/rule-features.ts";
import type { Example } from "../../../src/training/example.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

/** A Monday. */
export const START = Date.parse("2026-03-02");
const COST_BPS = 10;
const PUSH = RULE_FEATURES.findIndex(({ name }) => name === "push_sigma");

/**
 * Graded spikes as a market might have them: four or so a day, some close together and with the same return.
 * @param effectBps what a standard deviation of the push adds to the return of fading
 */
export function randomExamples(seed: number, count: number, effectBps: number): readonly Example[] {
  const random = createRandom(seed, "examples");
  let minute = START;
  let shared = 0;
  return Array.from({ length: count }, () => {
    const isNear = random.chance(0.4);
    minute += MINUTE_MS * (isNear ? 15 + random.integer(60) : 120 + random.integer(600));
    if (!isNear) shared = 45 * random.normal();
    const features = RULE_FEATURES.map(() => (random.chance(0.03) ? null : random.normal()));
    const grossBps = shared + 15 * random.normal() + effectBps * (features[PUSH] ?? 0);
    return { symbol: "BTC", minute, knownTime: minute + HOUR_MS + MINUTE_MS, features, grossBps, netBps: grossBps - COST_BPS };
  });
}
