import { promptOf } from "../../src/signals/prompt.ts";
import { ruleVerdict } from "../../src/signals/rule-model.ts";
import { type SignalInput, comparedWindow } from "../../src/signals/signal-input.ts";
import { SECOND_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type SimulatedVenue } from "../market-simulation/market-model.ts";
import { AFTER_JUMP_BPS, measureAfterJump, measureEarlyCascade, measurePeaks } from "./cascade-cases.ts";
import type { Figure } from "./figure.ts";
import { LARGEST_VENUE, measureSilentVenue, SMALLEST_VENUE } from "./silent-venue.ts";
import { runSpikeRule } from "./spike-rule.ts";

/** Plays for each market that was asked for: they are short. */
const PLAYS_PER_SEED = 50;
/** A week of history, and two days in which spikes are decided on. */
const DAYS = 9;

/** A venue that delivers this late does so after the cascade has ended without it, ms. */
const LATE_MS = 200_000;
const LATE_VENUES = BTC_MODEL.venues.map((venue) => (venue.exchange === "okx" ? { ...venue, delayMs: LATE_MS } : venue));

/** Single cases that were once wrong, each played many times through the code of the live system. */
export async function cases(seeds: readonly number[]): Promise<readonly Figure[]> {
  const plays = seeds.flatMap((seed) => Array.from({ length: PLAYS_PER_SEED }, (_, index) => seed * 1_000 + index));
  return [...cascadeFigures(plays), ...peakFigures(plays), ...silentFigures(seeds), ...(await gapFigures(seeds))];
}

function cascadeFigures(plays: readonly number[]): readonly Figure[] {
  const early = plays.map((seed) => measureEarlyCascade(seed));
  const delays = early.map(({ delayS }) => delayS ?? Infinity);
  const after = plays.map((seed) => measureAfterJump(seed));
  return [
    {
      what: "bursts of 4 M USD reported, three in 13 min, the first before σ is known",
      measured: `${sum(early.map(({ reported }) => reported))} of ${sum(early.map(({ bursts }) => bursts))}`,
      target: "all",
    },
    { what: "seconds from the first σ to the report of the first, median", measured: median(delays).toFixed(1), target: "" },
    {
      what: `4.2 M USD and a fall of ${AFTER_JUMP_BPS} bps, 2 min after a jump of 150 bps, reported`,
      measured: `${after.filter(({ wasReported }) => wasReported).length} of ${plays.length}`,
      target: "all",
    },
    {
      what: "of these, start within 3 s",
      measured: `${after.filter(({ wasReported, hasRightStart }) => wasReported && hasRightStart).length}`,
      target: "at least 95 %",
    },
    {
      what: "bps of fall that the σ of that moment would ask for, median",
      measured: median(after.map(({ momentBarBps }) => momentBarBps)).toFixed(0),
      target: "",
    },
  ];
}

function peakFigures(plays: readonly number[]): readonly Figure[] {
  const one = plays.map((seed) => measurePeaks(seed, [LARGEST_VENUE]));
  const four = plays.map((seed) => measurePeaks(seed, BTC_MODEL.venues));
  const late = plays.map((seed) => measurePeaks(seed, LATE_VENUES));
  const shares = (peaks: typeof one, of: "oneSecond" | "fiveSeconds") => {
    const known = peaks.map((peak) => peak[of] ?? 0);
    return `${percent(median(known))} (${percent(Math.min(...known))} to ${percent(Math.max(...known))})`;
  };
  const minute = percent(median(one.map(({ minuteMean }) => minuteMean)));
  return [
    { what: "peak_usd_per_s in a burst of 44 s, of the most USD in any second", measured: shares(one, "oneSecond"), target: "100 %" },
    { what: "peak_5s_usd, of the most USD in any five seconds", measured: shares(one, "fiveSeconds"), target: "100 %" },
    { what: "the first, delivered by several venues with delays of 0.4 to 1 s", measured: shares(four, "oneSecond"), target: "100 %" },
    { what: "the second as they deliver it", measured: shares(four, "fiveSeconds"), target: "100 %" },
    { what: `the first, with one of them ${LATE_MS / SECOND_MS} s late`, measured: shares(late, "oneSecond"), target: "100 %" },
    { what: "the second, with that one", measured: shares(late, "fiveSeconds"), target: "100 %" },
    { what: "the mean of a minute, of the most USD in any second", measured: minute, target: "" },
  ];
}

function silentFigures(seeds: readonly number[]): readonly Figure[] {
  const figures = (venue: SimulatedVenue, counted: string, events: string): readonly Figure[] => {
    const runs = seeds.map((seed) => measureSilentVenue(seed, venue));
    const share = `${(100 * venue.share).toFixed(0)} % of the USD`;
    const published = [...new Set(runs.map((run) => run.events.join(", ") || "none"))].join("; ");
    return [
      {
        what: `rises that count while one venue of four is silent, with ${share}`,
        measured: `${sum(runs.map((run) => run.counted))} of ${sum(runs.map((run) => run.rises))}`,
        target: counted,
      },
      { what: `events around 10 min of its silence, with ${share}`, measured: published, target: events },
    ];
  };
  return [...figures(SMALLEST_VENUE, "all", "none"), ...figures(LARGEST_VENUE, "none", "signals.suspended, signals.resumed")];
}

/** The seconds that the model is given where one venue never connected: its gap begins in 1970. */
async function gapFigures(seeds: readonly number[]): Promise<readonly Figure[]> {
  const { exchange } = SMALLEST_VENUE;
  const model = { ...BTC_MODEL, venues: BTC_MODEL.venues.filter((venue) => venue.exchange !== exchange) };
  const gaps = [{ exchange, from_time: 0, to_time: null, reason: "not_started" as const }];
  const inputs: SignalInput[] = [];
  for (const seed of seeds) {
    const { spikes, turns } = await runSpikeRule({ seed, days: DAYS, effect: "burst", model, gaps });
    inputs.push(...spikes, ...turns);
  }
  const given = inputs.map((input) => gapSecondsOf(input)[exchange] ?? 0);
  const asked = inputs.map((input) => {
    const { previous_start_time: start, end_time: end } = comparedWindow(input);
    return (end - start) / SECOND_MS;
  });
  const whole = inputs.map(({ known_time: known }) => known / SECOND_MS);
  return [
    {
      what: `seconds without a venue that never connected, as the model is given them in ${inputs.length} decisions, the most`,
      measured: String(Math.max(...given)),
      target: `${Math.max(...asked)}, what it is asked about`,
    },
    { what: "seconds since that gap began, in 1970", measured: Math.max(...whole).toFixed(0), target: "" },
  ];
}

/** Seconds without each venue, as the prompt of an input says them. */
function gapSecondsOf(input: SignalInput): Readonly<Record<string, number>> {
  const measurements = JSON.parse(promptOf(input, ruleVerdict(input)).user) as { readonly gaps: Readonly<Record<string, number>> };
  return measurements.gaps;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
