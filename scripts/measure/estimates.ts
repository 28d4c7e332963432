import { fitSymbol, fitVenue } from "../../src/estimates/fit-estimates.ts";
import { fitThrottle } from "../../src/estimates/fit-throttle.ts";
import type { ThrottleFit } from "../../src/estimates/fit.ts";
import type { VenueTape } from "../../src/estimates/tape.ts";
import { type SizedEvent, shownSeconds } from "../../src/estimates/throttle.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { simulatedTapes } from "../estimate/simulated-tapes.ts";
import {
  SIMULATED_DAYS,
  SIMULATED_RANGE,
  SIMULATIONS,
  type SimulationName,
  completeVenue,
  simulatedVenues,
} from "../estimate/simulations.ts";
import { createRandom } from "../simulator/random.ts";
import type { Figure } from "./figure.ts";

/** Which estimates are published on simulated markets, and how near to the truth those are. */
export function estimates(seeds: readonly number[]): Promise<readonly Figure[]> {
  const names = Object.keys(SIMULATIONS) as SimulationName[];
  return Promise.resolve([...names.flatMap((name) => simulated(name, seeds)), ...ofVenues(seeds), ...ofTime()]);
}

function simulated(name: SimulationName, seeds: readonly number[]): readonly Figure[] {
  const fits = seeds.flatMap((seed): readonly ThrottleFit[] => {
    const [first, second = null] = simulatedVenues(name, seed);
    const fit = first === undefined ? null : fitThrottle("largest", first, second);
    return fit === null || "problem" in fit ? [] : [fit];
  });
  const validated = fits.filter(({ status }) => status === "validated");
  const isUsual = name === "same" || name === "little-clustering";
  return [
    { what: `${name}: published`, measured: `${validated.length} of ${fits.length}`, target: isUsual ? "most" : "0, or right" },
    { what: `${name}: reported / true, USD`, measured: spread(fits, (fit) => fit.evaluation?.reported_to_true ?? Number.NaN), target: "" },
    {
      what: `${name}: calibrated / true where published`,
      measured: spread(validated, (fit) => fit.evaluation?.calibrated_to_true ?? Number.NaN),
      target: "0.95 to 1.05",
    },
    {
      what: `${name}: numbers, calibrated / true`,
      measured: spread(fits, (fit) => fit.evaluation?.calibrated_events_to_true ?? Number.NaN),
      target: "",
    },
    { what: `${name}: coverage by level`, measured: fits.map(coverages).join("; "), target: "75 to 85 %, more where most hide nothing" },
  ];
}

function spread(fits: readonly ThrottleFit[], value: (fit: ThrottleFit) => number): string {
  return fits.map((fit) => value(fit).toFixed(3)).join(", ") || "none";
}

function coverages({ evaluation }: ThrottleFit): string {
  return (evaluation?.levels ?? []).map(({ coverage }) => `${(100 * coverage).toFixed(0)} %`).join(" ");
}

/** Whether a throttled venue that behaves otherwise than the fit supposes is noticed, from its own feed alone. */
function ofVenues(seeds: readonly number[]): readonly Figure[] {
  const kinds = {
    "a venue as the fit supposes": (usual: readonly SizedEvent[]) => published(usual),
    "a venue that clusters faster": (_: readonly SizedEvent[], seed: number) =>
      published(simulatedTapes({ days: SIMULATED_DAYS, branching: 0.9, delayS: 1 }, [{}], createRandom(seed, "fast"))[0] ?? []),
    "a throttle of five seconds on the last day": (usual: readonly SizedEvent[]) => changed(usual, everyFive),
    "no throttle on the last day": (usual: readonly SizedEvent[]) => changed(usual, (events) => events),
  } as const;
  const runs = seeds.map((seed) => {
    const [first = [], second = [], third = []] = simulatedTapes(
      { days: SIMULATED_DAYS },
      [{}, { share: 0.6 }, { share: 1.5, sizeScale: 2 }],
      createRandom(seed, "estimates"),
    );
    const bybit = completeVenue("bybit", first);
    return { seed, bybit, third, fit: fitThrottle("largest", bybit, completeVenue("gate", second)) };
  });
  return Object.entries(kinds).map(([what, make]) => {
    const statuses = runs.flatMap(({ seed, bybit, third, fit }) => {
      if ("problem" in fit) return [];
      const tape: VenueTape = { ...completeVenue("binance", make(third, seed)), throttle: "largest" };
      // Of a fit that fails its own test nothing is published whatever the venue does.
      return [fitVenue(tape, "largest", { ...fit, status: "validated", reason: null }, [bybit], SIMULATED_RANGE).status];
    });
    const target = what.endsWith("supposes") ? "none" : "all";
    return { what: `${what}: withheld`, measured: `${statuses.filter((one) => one === "withheld").length} of ${statuses.length}`, target };
  });
}

function published(events: readonly SizedEvent[]): readonly SizedEvent[] {
  return shownSeconds(events, "largest").flatMap(({ seconds, usd, sides }) =>
    seconds.map((second, index) => ({ time: second * 1_000, usd: usd[index] ?? 0, side: sides[index] ?? "long" })),
  );
}

function changed(events: readonly SizedEvent[], change: (events: readonly SizedEvent[]) => readonly SizedEvent[]): readonly SizedEvent[] {
  const from = SIMULATED_RANGE.end - DAY_MS;
  return [...published(events.filter(({ time }) => time < from)), ...change(events.filter(({ time }) => time >= from))];
}

function everyFive(events: readonly SizedEvent[]): readonly SizedEvent[] {
  return published(events.map((event) => ({ ...event, time: event.time / 5 }))).map((event) => ({ ...event, time: event.time * 5 }));
}

/** A market of 20,000 liquidations a day over all venues, with all throttles. */
function ofTime(): readonly Figure[] {
  const shares = { bybit: 4_000, gate: 3_000, binance: 7_000, okx: 3_000, bitget: 3_000 };
  const tapes = simulatedTapes(
    { days: SIMULATED_DAYS, eventsPerDay: 1_000, cascadesPerDay: 2 },
    Object.values(shares).map((events) => ({ share: events / 1_000 })),
    createRandom(1, "time"),
  );
  const throttles = { bybit: "complete", gate: "complete", binance: "largest", okx: "one", bitget: "largest_by_side" } as const;
  const venues = (Object.keys(throttles) as (keyof typeof throttles)[]).map((exchange, index): VenueTape => ({
    ...completeVenue(exchange, tapes[index] ?? []),
    throttle: throttles[exchange],
  }));
  const events = tapes.reduce((sum, tape) => sum + tape.length, 0);
  const before = process.cpuUsage();
  fitSymbol("BTC", venues, SIMULATED_RANGE, SIMULATED_DAYS);
  const { user, system } = process.cpuUsage(before);
  return [
    {
      what: `seconds of CPU of a fit of ${events} liquidations in ${SIMULATED_DAYS} days`,
      measured: ((user + system) / 1e6).toFixed(1),
      target: "under 300, the limit of a step",
    },
  ];
}
