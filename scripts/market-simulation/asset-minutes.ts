import type { MinuteCounts } from "../../src/silence/minute-counts.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { type Random, createRandom } from "../simulator/random.ts";
import { SIMULATED_NAMES, SIMULATED_VENUES, type SimulatedVenue, Wandering, clustered, seasonal, throttled } from "./venue-minutes.ts";

/** Share of a venue's liquidations: BTC has about 4,000 a day over all venues. The rest is of many others, which are not judged. */
export const SIMULATED_ASSETS = { BTC: 0.13, ETH: 0.13, SOL: 0.06, DOGE: 0.03 } as const;
export type SimulatedAsset = keyof typeof SIMULATED_ASSETS;
export const SIMULATED_ASSET_NAMES = Object.keys(SIMULATED_ASSETS) as readonly SimulatedAsset[];
const REST = 1 - Object.values(SIMULATED_ASSETS).reduce((sum, share) => sum + share, 0);

const [CASCADES_PER_DAY, ASSET_CASCADES_PER_DAY, OWN_BURSTS_PER_DAY] = [3, 1.5, 0.7];

/** A cascade that fades, and how much each stream joins it. */
interface Cascade {
  size: number;
  joins: readonly number[];
}

interface Stream {
  readonly venue: SimulatedVenue;
  readonly own: readonly Wandering[];
  readonly rate: number;
  excitement: number;
  burst: number;
}

/**
 * Minutes of a market in which base assets go their own ways: each has an activity of its own over all venues and cascades of its
 * own, each of its streams on a venue has a factor and bursts of its own, and each venue one that its assets share. All of them
 * follow the market as venues do in `simulateVenueMinutes`. Nothing in it is of the model's form.
 */
export function* simulateAssetMinutes(seed: number, startTime: number, minutes: number): Generator<MinuteCounts> {
  const random = createRandom(seed, "asset-minutes");
  const market = [new Wandering(random, 0.8, 180), new Wandering(random, 0.4, 15)];
  const venues = SIMULATED_NAMES.map((name) => ({ name, own: [new Wandering(random, 0.3, 600), new Wandering(random, 0.2, 10)] }));
  const assets = [...SIMULATED_ASSET_NAMES, null].map((name) => ({
    name,
    own: [new Wandering(random, 0.4, 240), new Wandering(random, 0.3, 20)],
    cascade: { size: 0, joins: [] } as Cascade,
    streams: SIMULATED_NAMES.map((venue): Stream => {
      const rate = SIMULATED_VENUES[venue].rate * (name === null ? REST : SIMULATED_ASSETS[name]);
      return { venue, own: [new Wandering(random, 0.3, 400), new Wandering(random, 0.25, 10)], rate, excitement: 0, burst: 0 };
    }),
  }));
  const all: Cascade = { size: 0, joins: [] };
  for (let index = 0; index < minutes; index += 1) {
    const minute = startTime + index * MINUTE_MS;
    cascadeNext(all, CASCADES_PER_DAY, random);
    const calm = Math.exp(levelOf(market) - 0.4) * seasonal(minute);
    const venueFactors = venues.map(({ own }) => Math.exp(levelOf(own) - 0.07));
    const counts: Partial<Record<SimulatedVenue, number>> = Object.fromEntries(SIMULATED_NAMES.map((name) => [name, 0]));
    const byAsset: Record<string, Partial<Record<SimulatedVenue, number>>> = {};
    for (const { name, own, cascade, streams } of assets) {
      if (name !== null) cascadeNext(cascade, ASSET_CASCADES_PER_DAY, random);
      const level = calm * Math.exp(levelOf(own) - 0.12);
      const found: Partial<Record<SimulatedVenue, number>> = {};
      for (const [place, stream] of streams.entries()) {
        const joined = all.size * (all.joins[place] ?? 0) + cascade.size * (cascade.joins[place] ?? 0);
        const count = next(stream, level * (venueFactors[place] ?? 1), joined, random);
        counts[stream.venue] = (counts[stream.venue] ?? 0) + count;
        if (count > 0) found[stream.venue] = count;
      }
      if (name !== null) byAsset[name] = found;
    }
    yield { minute, move_bps: Math.abs(random.normal()) * 4 * Math.sqrt(calm + 2 * all.size), counts, assets: byAsset };
  }
}

function next(stream: Stream, level: number, joined: number, random: Random): number {
  const { branching, cluster, throttle } = SIMULATED_VENUES[stream.venue];
  stream.burst *= 0.8;
  if (random.chance((OWN_BURSTS_PER_DAY * MINUTE_MS) / DAY_MS)) stream.burst = 10;
  const base = stream.rate * (level * Math.exp(levelOf(stream.own) - 0.08) + joined + stream.burst);
  const mean = (1 - branching) * base + branching * stream.excitement;
  const count = throttled(clustered(mean, cluster, random), throttle);
  stream.excitement = 0.35 * stream.excitement + 0.65 * count;
  return count;
}

function cascadeNext(cascade: Cascade, perDay: number, random: Random): void {
  cascade.size *= 0.85;
  if (!random.chance((perDay * MINUTE_MS) / DAY_MS)) return;
  cascade.size = 15 * Math.exp(0.7 * random.normal());
  cascade.joins = SIMULATED_NAMES.map(() => Math.exp(0.6 * random.normal()));
}

function levelOf(parts: readonly Wandering[]): number {
  return parts.reduce((total, part) => total + part.next(), 0);
}
