import { measureBranching } from "./branching.ts";
import { falseCascadesPerHour, type FlushMeasure, measureFlushes } from "./cascades.ts";
import type { Figure } from "./figure.ts";
import { measureScore } from "./score.ts";
import { measureScripted } from "./scripted-cascade.ts";

/** Days and plays for each market that was asked for: they are short. */
const DAYS_PER_SEED = 25;
const PLAYS_PER_SEED = 50;
/** The quantile of the normal distribution for a 95 % interval. */
const Z95 = 1.96;

/** What cascades and their fields say on simulated markets, next to what is asked of them. */
export function cascades(seeds: readonly number[]): Promise<readonly Figure[]> {
  return Promise.resolve([...starts(seeds), ...scores(seeds), ...ratios(seeds), ...lags(seeds)]);
}

function starts(seeds: readonly number[]): readonly Figure[] {
  const flushes = seeds.map((seed) => measureFlushes(seed, true));
  const published = seeds.map((seed) => measureFlushes(seed, false));
  const found = sum(flushes.map((one) => one.found));
  const walk = sum(seeds.map((seed) => falseCascadesPerHour(seed))) / seeds.length;
  return [
    { what: "cascades an hour, random walk with steady flow", measured: walk.toFixed(3), target: "under 0.02" },
    { what: "planted flushes found", measured: `${found} of ${sum(flushes.map((one) => one.planted))}`, target: "" },
    { what: "start within 3 s", measured: percent(sum(flushes.map((one) => one.rightStart)) / found), target: "at least 95 %" },
    ...firstVenues("", flushes),
    ...firstVenues(", as the venues publish", published),
  ];
}

function firstVenues(what: string, flushes: readonly FlushMeasure[]): readonly Figure[] {
  const named = sum(flushes.map((one) => one.named));
  const [found, right] = [sum(flushes.map((one) => one.found)), sum(flushes.map((one) => one.rightVenue))];
  return [
    { what: `first venue named${what}`, measured: percent(named / found), target: "at least 90 %" },
    { what: `right of those named${what}`, measured: percent(right / named), target: "at least 95 %" },
  ];
}

function scores(seeds: readonly number[]): readonly Figure[] {
  const runs = seeds.map((seed) => measureScore(seed));
  const gains = runs.map(({ score, velocity }) => score - velocity);
  const gain = mean(gains);
  const deviation = Math.sqrt(sum(gains.map((one) => (one - gain) ** 2)) / Math.max(1, gains.length - 1));
  const half = (Z95 * deviation) / Math.sqrt(gains.length);
  const interval = gains.length < 3 ? "" : ` (95 %: ${(gain - half).toFixed(3)} to ${(gain + half).toFixed(3)})`;
  return [
    { what: "PR-AUC of chance", measured: mean(runs.map(({ positives }) => positives)).toFixed(3), target: "" },
    { what: "PR-AUC of log velocity", measured: mean(runs.map(({ velocity }) => velocity)).toFixed(3), target: "" },
    { what: "PR-AUC of cascade_score", measured: mean(runs.map(({ score }) => score)).toFixed(3), target: "above velocity" },
    { what: `its gain, over ${gains.length} markets`, measured: `${gain.toFixed(3)}${interval}`, target: "above 0" },
  ];
}

function ratios(seeds: readonly number[]): readonly Figure[] {
  const days = seeds.flatMap((seed) => Array.from({ length: DAYS_PER_SEED }, (_, index) => seed * 1_000 + index));
  return [0, 0.6].flatMap((ratio): readonly Figure[] => {
    const { fits, covered, unknown } = measureBranching(days, ratio);
    const estimates = fits.map(({ branchingRatio }) => branchingRatio);
    return [
      { what: `branching ratio, true ${ratio} at a drifting rate`, measured: mean(estimates).toFixed(3), target: String(ratio) },
      {
        what: `95 % intervals with ${ratio}, of ${fits.length} days (${unknown} more gave none)`,
        measured: percent(covered / fits.length),
        target: "at least 90 %",
      },
    ];
  });
}

function lags(seeds: readonly number[]): readonly Figure[] {
  const plays = seeds.flatMap((seed) => Array.from({ length: PLAYS_PER_SEED }, (_, index) => measureScripted(seed * 1_000 + index)));
  const share = (isRight: (play: (typeof plays)[number]) => boolean) => percent(plays.filter(isRight).length / plays.length);
  const named = plays.filter(({ firstExchange }) => firstExchange !== null);
  const right = named.filter(({ firstExchange, script }) => firstExchange === script.firstExchange);
  const leads = plays.map(({ script, medianLagMs }) => medianLagMs.get(script.firstExchange) ?? Infinity).toSorted((a, b) => a - b);
  return [
    {
      what: `median lag of the leader of the demo's cascade, ms, ${plays.length} plays`,
      measured: String(leads[leads.length >> 1]),
      target: "-2400",
    },
    {
      what: "plays in which it is negative",
      measured: share((play) => (play.medianLagMs.get(play.script.firstExchange) ?? 0) < 0),
      target: "",
    },
    { what: "start within 3 s of the script's", measured: share(({ onsetMs }) => Math.abs(onsetMs) <= 3_000), target: "at least 95 %" },
    { what: "first venue named", measured: share(({ firstExchange }) => firstExchange !== null), target: "at least 90 %" },
    { what: "right of those named", measured: percent(right.length / named.length), target: "at least 95 %" },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
