import { BLOCK_BINS, type EventGrid, eventStream } from "../../src/contagion/event-grid.ts";
import { fitStreams } from "../../src/contagion/fit-streams.ts";
import { contagiousStreams } from "../market-simulation/contagious-streams.ts";
import { createRandom } from "../simulator/random.ts";
import { table } from "../table.ts";

const DAYS = 14;
const BLOCKS_PER_DAY = 96;
const SELF = { ratio: 0.4, delayS: 0, memoryS: 8 };

/** What a daily fit of 14 days costs: all events on one base asset, which a step of a Workflow fits at once. */
export async function benchContagion(print: (line: string) => void): Promise<void> {
  const rows = [
    [2_000, 3],
    [20_000, 6],
    [20_000, 12],
  ].map(([perDay = 0, venues = 0]) => {
    const seconds = fitSeconds(perDay, venues);
    return [perDay.toLocaleString("en-US"), String(venues), seconds.toFixed(1)];
  });
  print(table(["liquidations a day", "venues", "fit of 14 days, s of CPU"], rows));
  print("Limit of a step: 300 s of CPU");
  await Promise.resolve();
}

function fitSeconds(perDay: number, venues: number): number {
  const grid: EventGrid = { pieceBins: BLOCK_BINS, covered: new Uint8Array(DAYS * BLOCKS_PER_DAY).fill(1) };
  const own = Array.from({ length: venues }, (_, venue) => ({ from: venue, to: venue, ...SELF }));
  // The first venue triggers every other one, so that the models have several sources.
  const triggers = [...own, ...own.slice(1).map(({ to }) => ({ from: 0, to, ratio: 0.1, delayS: 2, memoryS: 6 }))];
  const ownPerDay = (perDay / venues) * (1 - SELF.ratio);
  const drift = { deviation: 0.5, timeS: 3_600 };
  const times = contagiousStreams(
    { streams: venues, days: DAYS, ownPerDay, triggers, drift, shocks: { perDay: 0, withinS: 0 } },
    createRandom(1, "bench contagion"),
  );
  const streams = times.map((one) => ({ stream: eventStream(one, grid), resolutionMs: 500 }));
  const start = process.cpuUsage();
  fitStreams(streams, grid, "bench");
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
