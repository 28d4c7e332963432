import { falseCascadesPerHour, measureFlushes } from "./cascades.ts";
import { measureSpikeRule } from "./spike-rule.ts";

/** One measured number next to its target. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
}

export type Measure = (seeds: readonly number[]) => Promise<readonly Figure[]>;

/** What can be measured, by name. */
export const MEASURES: Readonly<Record<string, Measure>> = { "spike-rule": spikeRule, cascades };

const SPIKE_DAYS = 14;

async function spikeRule(seeds: readonly number[]): Promise<readonly Figure[]> {
  const run = async (effect: "none" | "burst", variables: Readonly<Record<string, string>> = {}) => {
    const runs = [];
    for (const seed of seeds) runs.push(await measureSpikeRule({ seed, days: SPIKE_DAYS, effect, variables }));
    return runs;
  };
  const [calm, alone, bursts] = [await run("none"), await run("none", { LIQUIDATION_SPIKE_PERCENTILE: "0" }), await run("burst")];
  const caught = sum(bursts.map((one) => one.caught));
  const planted = sum(bursts.map((one) => one.planted));
  const perDay = (runs: typeof calm) => (sum(runs.map(({ decisionsPerDay }) => decisionsPerDay)) / runs.length).toFixed(1);
  const minutes = (runs: typeof calm) => percent(sum(runs.map(({ shareOfMinutes }) => shareOfMinutes)) / runs.length);
  return [
    { what: "decisions a day, nothing planted", measured: perDay(calm), target: "at most 8" },
    { what: "share of minutes in which it holds", measured: minutes(calm), target: "" },
    { what: "decisions a day of the rise alone", measured: perDay(alone), target: "" },
    { what: "share of minutes in which the rise alone holds", measured: minutes(alone), target: "" },
    { what: "bursts of 5 medians caught", measured: `${caught} of ${planted}`, target: "at least 95 %" },
  ];
}

function cascades(seeds: readonly number[]): Promise<readonly Figure[]> {
  const flushes = seeds.map((seed) => measureFlushes(seed));
  const found = sum(flushes.map((one) => one.found));
  const walk = sum(seeds.map((seed) => falseCascadesPerHour(seed))) / seeds.length;
  return Promise.resolve([
    { what: "cascades an hour, random walk with steady flow", measured: walk.toFixed(3), target: "under 0.02" },
    { what: "planted flushes found", measured: `${found} of ${sum(flushes.map((one) => one.planted))}`, target: "" },
    { what: "start within 3 s", measured: percent(sum(flushes.map((one) => one.rightStart)) / found), target: "at least 95 %" },
    { what: "first venue right", measured: percent(sum(flushes.map((one) => one.rightVenue)) / found), target: "at least 95 %" },
  ]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
