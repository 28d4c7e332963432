import { episodeCount } from "../../src/training/example.ts";
import { MIN_EPISODES, type Training, trainRules } from "../../src/training/train-rules.ts";
import { cascades } from "./cascade-figures.ts";
import { cases } from "./cases.ts";
import { cascadeForecast } from "./cascade-forecast.ts";
import { clientKills } from "./client-kills.ts";
import { EVERY_RISE, type TurnMeasure, measureFalseFades, measureTurns } from "./fade-rule.ts";
import { estimates } from "./estimates.ts";
import { contagion } from "./contagion-figures.ts";
import type { Figure, Measure } from "./figure.ts";
import { modelReplies } from "./model-replies.ts";
import { marketStateFigures } from "./market-state.ts";
import { marketFields } from "./market-figures.ts";
import { calibration, intervals, muteRule } from "./record-figures.ts";
import { measureSignalDelay, measureTurnDelay } from "./signal-delay.ts";
import { measureBasis, measureRandomTimes } from "./grades.ts";
import { silence } from "./silence.ts";
import { measureSpikeRule } from "./spike-rule.ts";
import { marketExamples, trainOnMarket } from "./train-on-market.ts";
import { trialFigures } from "./trial-figures.ts";

/** What can be measured, by name. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  "spike-rule": spikeRule,
  "signal-delay": signalDelay,
  cascades,
  cases,
  "cascade-forecast": cascadeForecast,
  contagion,
  rules,
  "rule-model": ruleModel,
  "rule-model-null": ruleModelNull,
  "mute-rule": muteRule,
  intervals,
  calibration,
  "model-replies": modelReplies,
  "market-fields": marketFields,
  grades,
  backtest: trialFigures,
  "client-kills": clientKills,
  "market-state": marketStateFigures,
  silence,
  estimates,
};

const SPIKE_DAYS = 14;
/** Long enough, in most markets, for the episodes that a model needs. */
const NULL_DAYS = 30;

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
    { what: "of them turns of flushes", measured: (sum(calm.map(({ turnsPerDay }) => turnsPerDay)) / calm.length).toFixed(1), target: "" },
    { what: "share of minutes in which it holds", measured: minutes(calm), target: "" },
    { what: "decisions a day of the rise alone", measured: perDay(alone), target: "" },
    { what: "share of minutes in which the rise alone holds", measured: minutes(alone), target: "" },
    { what: "bursts of 5 medians caught", measured: `${caught} of ${planted}`, target: "at least 95 %" },
  ];
}

async function signalDelay(seeds: readonly number[]): Promise<readonly Figure[]> {
  const runs = [];
  const turns: number[] = [];
  for (const seed of seeds) {
    runs.push(await measureSignalDelay(seed));
    turns.push(...(await measureTurnDelay(seed)));
  }
  const [asked, byMinute] = [runs.flatMap((run) => run.asked), runs.flatMap((run) => run.byMinute)];
  return [
    { what: `seconds from a spike to its decision, median of ${asked.length}`, measured: seconds(asked, 0.5), target: "under 5" },
    { what: "95th percentile", measured: seconds(asked, 0.95), target: "under 5" },
    { what: "median where it waits for its minute", measured: seconds(byMinute, 0.5), target: "" },
    {
      what: `seconds from the turn of a flush to its decision, median of ${turns.length}`,
      measured: seconds(turns, 0.5),
      target: "under 5",
    },
    { what: "95th percentile", measured: seconds(turns, 0.95), target: "" },
  ];
}

async function rules(seeds: readonly number[]): Promise<readonly Figure[]> {
  const turns: TurnMeasure[] = [];
  const asked: TurnMeasure[] = [];
  const calm = [];
  for (const seed of seeds) {
    turns.push(await measureTurns(seed));
    asked.push(await measureTurns(seed, 4, EVERY_RISE));
    calm.push(await measureFalseFades(seed));
  }
  const of = (runs: readonly TurnMeasure[], faded: "faded" | "fadedWithoutTurns") =>
    `${sum(runs.map((one) => one[faded]))} of ${sum(runs.map((one) => one.turned))}`;
  const decisions = sum(calm.map((one) => one.decisions));
  const fades = sum(calm.map((one) => one.fades));
  return [
    { what: "flushes of 150 bps that turn, faded", measured: of(turns, "faded"), target: "at least 80 %" },
    { what: "the same without the decisions on turns", measured: of(turns, "fadedWithoutTurns"), target: "" },
    { what: "the same, asked in every minute", measured: of(asked, "faded"), target: "at least 80 %" },
    { what: "decisions that fade, nothing planted", measured: `${fades} of ${decisions}`, target: "under 5 %" },
  ];
}

/** The delay that a share of them does not exceed. @param delays ms @returns seconds */
function seconds(delays: readonly number[], share: number): string {
  const sorted = delays.toSorted((a, b) => a - b);
  return ((sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN) / 1_000).toFixed(1);
}

function grades(seeds: readonly number[]): Promise<readonly Figure[]> {
  const basis = seeds.map((seed) => measureBasis(seed));
  const random = seeds.map((seed) => measureRandomTimes(seed));
  const graded = sum(basis.map((one) => one.graded));
  const [mean, matched] = [random.map((one) => one.meanBps), random.map((one) => one.randomBps)].map((all) => sum(all) / seeds.length);
  return Promise.resolve([
    { what: "grades with a basis of 12 bps as a return", measured: percent(sum(basis.map((one) => one.wrong)) / graded), target: "0 %" },
    {
      what: "the same by the preferred venue of each minute",
      measured: percent(sum(basis.map((one) => one.wrongByPreference)) / graded),
      target: "",
    },
    { what: "decisions whose venue has no exit", measured: percent(sum(basis.map((one) => one.withoutExit)) / graded), target: "" },
    { what: "buying in hours that always rise, bps", measured: (mean ?? 0).toFixed(1), target: "" },
    { what: "the same at matched random times, bps", measured: (matched ?? 0).toFixed(1), target: "the same" },
  ]);
}

async function ruleModel(seeds: readonly number[]): Promise<readonly Figure[]> {
  const planted: Training[] = [];
  const calm: Training[] = [];
  for (const seed of seeds) {
    planted.push(await trainOnMarket(seed, true));
    calm.push(await trainOnMarket(seed, false));
  }
  const shipped = (trainings: readonly Training[]) => `${trainings.filter(({ refusal }) => refusal === null).length} of ${seeds.length}`;
  const trades = sum(planted.map(({ held_out }) => held_out.trades));
  const net = sum(planted.map(({ held_out }) => held_out.trades * (held_out.net_bps ?? 0))) / trades;
  return [
    { what: "ships where flushes return", measured: shipped(planted), target: "" },
    { what: "held-out trades there, bps after cost", measured: `${net.toFixed(1)} (${trades} trades)`, target: "above 0" },
    { what: "ships where nothing was planted", measured: shipped(calm), target: "at most 1 of 20" },
  ];
}

/** The same where nothing was planted alone, in shorter markets, so that 20 of them take minutes. */
async function ruleModelNull(seeds: readonly number[]): Promise<readonly Figure[]> {
  const markets = [];
  for (const seed of seeds) {
    const examples = await marketExamples(seed, false, NULL_DAYS);
    markets.push({ episodes: episodeCount(examples), refusal: trainRules(examples).refusal });
  }
  const shipped = markets.filter(({ refusal }) => refusal === null).length;
  const enough = markets.filter(({ episodes }) => episodes >= MIN_EPISODES).length;
  return [
    { what: `ships in ${NULL_DAYS} days where nothing was planted`, measured: `${shipped} of ${seeds.length}`, target: "at most 1 of 20" },
    { what: "of these markets, with the episodes that a model needs", measured: `${enough} of ${seeds.length}`, target: "" },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
