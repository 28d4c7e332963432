import { fitHawkes, type HawkesFit } from "../../src/hawkes/hawkes-fit.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { selfExcitingTimes } from "../market-simulation/self-exciting-times.ts";
import { createRandom } from "../simulator/random.ts";

/** Of one side of a venue that reports all, a busy base asset. */
const EVENTS_PER_DAY = 2_000;
const MEMORY_S = 15;
/** The base rate doubles or halves within an hour, and more over the day. */
const DRIFT = { deviation: 0.5, timeS: 3_600 };
const INTERVAL_ERRORS = 1.96;

export interface BranchingMeasure {
  readonly fits: readonly HawkesFit[];
  /** Days that gave no ratio. */
  readonly unknown: number;
  /** Fits whose 95 % interval contains the true ratio. */
  readonly covered: number;
}

/** Fits days of one side whose base rate drifts, as the hub does. */
export function measureBranching(seeds: readonly number[], branchingRatio: number): BranchingMeasure {
  const fits = seeds.flatMap((seed) => {
    const options = { eventsPerDay: EVENTS_PER_DAY, branchingRatio, memoryS: MEMORY_S, drift: DRIFT, days: 1 };
    const times = selfExcitingTimes(options, createRandom(seed, "branching"));
    return (
      fitHawkes(
        times.map((second) => second * 1000),
        { start: 0, end: DAY_MS },
      ) ?? []
    );
  });
  const covered = fits.filter((fit) => Math.abs(fit.branchingRatio - branchingRatio) <= INTERVAL_ERRORS * fit.standardError);
  return { fits, unknown: seeds.length - fits.length, covered: covered.length };
}
