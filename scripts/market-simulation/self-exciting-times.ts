import type { Random } from "../simulator/random.ts";

export interface SelfExcitingOptions {
  /** Of the whole process. */
  readonly eventsPerDay: number;
  /** Mean number of events that one event triggers directly. */
  readonly branchingRatio: number;
  /** Mean time to a triggered event, s. */
  readonly memoryS: number;
  /** The logarithm of the base rate returns to 0 with this deviation and time, s. */
  readonly drift: { readonly deviation: number; readonly timeS: number };
  readonly days: number;
}

const DAY_S = 86_400;

/**
 * Times in seconds of a self-exciting process whose base rate drifts, by its clusters (Hawkes & Oakes 1974, J. Appl. Prob.
 * 11): events that come by themselves at the base rate, each with children after exponential times, and those with theirs.
 */
export function selfExcitingTimes(options: SelfExcitingOptions, random: Random): readonly number[] {
  const { branchingRatio, memoryS, days } = options;
  const times: number[] = [];
  const waiting = ownTimes(options, random);
  for (let time = waiting.pop(); time !== undefined; time = waiting.pop()) {
    if (time >= days * DAY_S) continue;
    times.push(time);
    for (let left = random.exponential(1); left < branchingRatio; left += random.exponential(1)) {
      waiting.push(time + random.exponential(1 / memoryS));
    }
  }
  return times.toSorted((a, b) => a - b);
}

/** Events that no other event triggered, second by second. */
function ownTimes({ eventsPerDay, branchingRatio, drift, days }: SelfExcitingOptions, random: Random): number[] {
  const mean = (eventsPerDay / DAY_S) * (1 - branchingRatio);
  const times: number[] = [];
  let level = drift.deviation * random.normal();
  for (let second = 0; second < days * DAY_S; second += 1) {
    level += drift.deviation * Math.sqrt(2 / drift.timeS) * random.normal() - level / drift.timeS;
    const rate = mean * Math.exp(level - drift.deviation ** 2 / 2);
    for (let left = random.exponential(1); left < rate; left += random.exponential(1)) times.push(second + random.uniform());
  }
  return times;
}
