import type { SizedEvent } from "../../src/estimates/throttle.ts";
import { DAY_MS, SECOND_MS } from "../../src/windows/calendar.ts";
import type { Random } from "../simulator/random.ts";

/** A market of one contract at several venues that share what drives it. */
export interface TapeOptions {
  readonly days: number;
  /** Of a venue with share 1. */
  readonly eventsPerDay?: number;
  /** Liquidations that each of them sets off on average, and after how long on average, seconds. */
  readonly branching?: number;
  readonly delayS?: number;
  readonly cascadesPerDay?: number;
}

export interface TapeVenue {
  readonly share?: number;
  readonly sizeScale?: number;
  /** Share of the liquidations that come as a volley of several at the same moment, and how many more each brings on average. */
  readonly volleys?: { readonly share: number; readonly more: number };
}

const STEP_S = 10;
/** The rate wanders with this memory, s, and deviation of its logarithm; that of a venue apart from the others by the second. */
const DRIFT = { memoryS: 1_200, deviation: 1.2, own: 0.3 };

/** Liquidations of each venue, in order, from a start, ms. Sides turn with the drive, a tenth of the liquidations is of the other one. */
export function simulatedTapes(options: TapeOptions, venues: readonly TapeVenue[], random: Random, start = 0): readonly SizedEvent[][] {
  const { days, eventsPerDay = 3_000, branching = 0.7, delayS = 10 / 3, cascadesPerDay = 6 } = options;
  const steps = Math.ceil((days * DAY_MS) / SECOND_MS / STEP_S);
  const spontaneous = ((eventsPerDay * SECOND_MS) / DAY_MS) * (1 - branching);
  const drive = lognormal(steps, DRIFT.deviation, random).map((factor) => factor * spontaneous);
  for (let cascade = poisson(cascadesPerDay * days, random); cascade > 0; cascade -= 1) {
    const [first, peak] = [Math.floor(random.uniform() * steps), 0.3 * (8 / 0.3) ** random.uniform() * (1 - branching) * 3];
    const lastsS = 20 + 100 * random.uniform();
    for (let step = 0; step * STEP_S < 4 * lastsS; step += 1)
      drive[first + step] = (drive[first + step] ?? 0) + peak * Math.exp((-step * STEP_S) / lastsS);
  }
  const lean = lognormal(steps, 1, random);
  return venues.map(({ share = 1, sizeScale = 1, volleys }) => {
    const own = lognormal(steps, DRIFT.own, random);
    const times: number[] = [];
    for (let step = 0; step < steps; step += 1) {
      for (let left = poisson((drive[step] ?? 0) * share * (own[step] ?? 1) * STEP_S, random); left > 0; left -= 1)
        times.push((step + random.uniform()) * STEP_S);
    }
    for (let at = 0; at < times.length; at += 1) {
      const time = times[at] ?? 0;
      for (let left = poisson(branching, random); left > 0; left -= 1) {
        const child = time - delayS * Math.log(1 - random.uniform());
        if (child < steps * STEP_S) times.push(child);
      }
    }
    const events = times.flatMap((time): readonly number[] => {
      const more = volleys !== undefined && random.chance(volleys.share) ? poisson(volleys.more, random) : 0;
      return Array.from({ length: 1 + more }, () => time);
    });
    return events
      .toSorted((a, b) => a - b)
      .map((time): SizedEvent => {
        const isUsual = !random.chance(0.1);
        const isLong = (lean[Math.floor(time / STEP_S)] ?? 1) > 0.6;
        return { time: start + Math.floor(time * SECOND_MS), side: isLong === isUsual ? "long" : "short", usd: sizeScale * size(random) };
      });
  });
}

/** Median 650 USD, 90th percentile 10,000, and above the 95th a Pareto tail to a 99th of 97,000. */
const MEDIAN = 650;
const DEVIATION = Math.log(10_000 / MEDIAN) / 1.2815516;
const TAIL_FROM = MEDIAN * Math.exp(1.6448536 * DEVIATION);
const TAIL_EXPONENT = Math.log(5) / Math.log(97_000 / TAIL_FROM);
const LARGEST = 3e7;

function size(random: Random): number {
  const usd = MEDIAN * Math.exp(DEVIATION * random.normal());
  if (usd <= TAIL_FROM) return usd;
  return TAIL_FROM * (1 - random.uniform() * (1 - (TAIL_FROM / LARGEST) ** TAIL_EXPONENT)) ** (-1 / TAIL_EXPONENT);
}

/** A stationary path with mean 1. */
function lognormal(steps: number, deviation: number, random: Random): Float64Array {
  const stays = Math.exp(-STEP_S / DRIFT.memoryS);
  let level = random.normal();
  return Float64Array.from({ length: steps }, () => {
    level = stays * level + Math.sqrt(1 - stays * stays) * random.normal();
    return Math.exp(deviation * level - deviation ** 2 / 2);
  });
}

function poisson(mean: number, random: Random): number {
  let [count, left] = [0, mean];
  for (; left > 500; left -= 500) count += poisson(500, random);
  const limit = Math.exp(-left);
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count += 1;
  return count;
}
