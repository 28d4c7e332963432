import { CASCADE_CONSTANTS, type CascadeRecord } from "../../src/cascade/cascade-record.ts";
import { expectedMoveBps } from "../../src/cascade/mark-move.ts";
import { ReplayedHub } from "../../src/cascade/replayed-hub.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import { MAX_LATENESS_MS } from "../../src/lateness.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { MINUTE_MS, SECOND_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type SimulatedVenue } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { createRandom, type Random } from "../simulator/random.ts";
import { volatilityOf } from "./scripted-cascade.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
/** A reported start is that of a burst within this, ms. */
const RIGHT_START_MS = 3_000;
/** Small liquidations between bursts, so that each venue's mark is known. */
const BACKGROUND = { everyS: 2, usd: 200 };

/** A move of the mark price, even over its seconds. */
interface Move {
  readonly second: number;
  readonly lengthS: number;
  readonly bps: number;
}

/** Long liquidations that push the mark price down by so many bps. */
interface Burst extends Move {
  readonly usd: number;
  readonly events: number;
}

interface Play {
  readonly seed: number;
  readonly seconds: number;
  readonly bursts: readonly Burst[];
  readonly moves?: readonly Move[];
  /** A larger liquidation every ten seconds, which lets a flow go on building between its bursts. */
  readonly betweenUsd?: number;
  /** All of the simulated market by default. */
  readonly venues?: readonly SimulatedVenue[];
}

interface Played {
  readonly rows: readonly Liquidation[];
  /** The last report of each cascade of longs, with the time of its first one, ms. */
  readonly reported: readonly { readonly record: CascadeRecord; readonly reportTime: number }[];
  /** One a second. */
  readonly marks: readonly number[];
}

export interface EarlyCascade {
  readonly bursts: number;
  /** Bursts inside a reported cascade. */
  readonly reported: number;
  /** From the first known σ to the report of the flow that began before it, s; null where it was not reported. */
  readonly delayS: number | null;
}

/** Seconds of prices before σ is known, see `volatilityOf`. */
const SIGMA_KNOWN_S = 60;

/** Three bursts of 4 million USD in 13 minutes; the first of them begins 30 s before σ is known. */
export function measureEarlyCascade(seed: number): EarlyCascade {
  const bursts = [30, 390, 750].map((second) => ({ second, lengthS: 8, bps: -60, usd: 4e6, events: 8 }));
  const { reported } = play({ seed, seconds: 790, bursts, betweenUsd: 130_000 });
  const inside = bursts.filter(({ second }) => {
    const time = START + second * SECOND_MS;
    return reported.some(({ record }) => record.start_time <= time + RIGHT_START_MS && (record.end_time ?? Infinity) >= time);
  });
  const first = reported.find(({ record }) => record.start_time < START + SIGMA_KNOWN_S * SECOND_MS);
  const delayS = first === undefined ? null : (first.reportTime - START) / SECOND_MS - SIGMA_KNOWN_S;
  return { bursts: bursts.length, reported: inside.length, delayS };
}

export interface CascadeAfterJump {
  /** While it went on, or within 3 s of its end. */
  readonly wasReported: boolean;
  /** With a start within 3 s of its own. */
  readonly hasRightStart: boolean;
  /** The move that it would have needed by the σ of the moment, bps. */
  readonly momentBarBps: number;
}

/** Bps by which 4.2 million USD push the price. */
export const AFTER_JUMP_BPS = 40;

/** 4.2 million USD two minutes after a jump of 150 bps. */
export function measureAfterJump(seed: number): CascadeAfterJump {
  const [second, lengthS] = [1_200, 14];
  const bursts = [{ second, lengthS, bps: -AFTER_JUMP_BPS, usd: 4.2e6, events: 14 }];
  const { reported, marks } = play({ seed, seconds: 1_230, bursts, moves: [{ second: second - 120, lengthS: 3, bps: 150 }] });
  const { move_sigmas: sigmas, window_s: length } = CASCADE_CONSTANTS;
  const [from, to] = [START + second * SECOND_MS, START + (second + lengthS) * SECOND_MS];
  return {
    wasReported: reported.some(({ reportTime }) => reportTime >= from && reportTime <= to + 3 * SECOND_MS),
    hasRightStart: reported.some(({ record }) => Math.abs(record.start_time - from) <= RIGHT_START_MS),
    momentBarBps: expectedMoveBps(volatilityOf(marks.slice(0, second)) ?? Number.NaN, sigmas, length),
  };
}

export interface CascadePeaks {
  /** The reported peak over the most USD in any one second, and in any five; null where no cascade was reported. */
  readonly oneSecond: number | null;
  readonly fiveSeconds: number | null;
  /** The mean of the last minute at its most, over the most USD in any one second. */
  readonly minuteMean: number;
}

/**
 * What is reported of a burst of 44 s, against the sums of its own liquidations.
 * @param venues that deliver it, each with its own delay
 */
export function measurePeaks(seed: number, venues: readonly SimulatedVenue[]): CascadePeaks {
  const bursts = [{ second: 120, lengthS: 44, bps: -100, usd: 4e6, events: 60 }];
  const { rows, reported } = play({ seed, seconds: 180, bursts, venues });
  const record = reported[0]?.record;
  const most = (lengthMs: number) => mostWithin(rows, lengthMs);
  return {
    oneSecond: record === undefined ? null : record.peak_usd_per_s / most(SECOND_MS),
    fiveSeconds: record === undefined ? null : (record.peak_5s_usd ?? 0) / most(5 * SECOND_MS),
    minuteMean: most(MINUTE_MS) / 60 / most(SECOND_MS),
  };
}

/** The most USD in any time of this length, summed again at each liquidation. */
function mostWithin(rows: readonly Liquidation[], lengthMs: number): number {
  const sums = rows.map(({ event_time: end }) =>
    rows.reduce((sum, row) => (row.event_time > end - lengthMs && row.event_time <= end ? sum + (flowUsd(row) ?? 0) : sum), 0),
  );
  return Math.max(...sums);
}

/** Passes a random walk with planted bursts through the hub's own code. */
function play(options: Play): Played {
  const random = createRandom(options.seed, "cases");
  const marks = walk(random, options);
  const { venues = BTC_MODEL.venues } = options;
  const times = [...background(random, options), ...options.bursts.flatMap((burst) => burstEvents(random, burst))];
  const events = times
    .toSorted((a, b) => a.time - b.time)
    .map(({ time, usd }) => {
      const second = Math.floor((time - START) / SECOND_MS);
      const exchange = random.weighted(venues.map((venue) => [venue.exchange, venue.share]));
      const mark = marks[second] ?? Number.NaN;
      return { time, exchange, side: "long" as const, usd, mark, volatility5m: volatilityOf(marks.slice(0, second + 1)), depthUsd: 2e6 };
    });
  const endTime = START + options.seconds * SECOND_MS;
  const rows = marketRows({
    model: { ...BTC_MODEL, venues },
    startTime: START,
    endTime,
    events,
    marks: Float64Array.from(marks),
    planted: [],
  });
  return { rows, reported: throughMachine(rows, endTime), marks };
}

function throughMachine(rows: readonly Liquidation[], endTime: number): Played["reported"] {
  const reported = new Map<string, { record: CascadeRecord; reportTime: number }>();
  const report = (record: CascadeRecord, time: number) => {
    reported.set(record.cascade_id, { record, reportTime: reported.get(record.cascade_id)?.reportTime ?? time });
  };
  const hub = new ReplayedHub({
    transition: ({ record }, time) => report(record, time),
    revised: (record) => report(record, record.start_time),
  });
  for (const row of rows) hub.observe(row);
  hub.advance(endTime + MAX_LATENESS_MS);
  return [...reported.values()];
}

/** The mark price at the end of each second. */
function walk(random: Random, { seconds, bursts, moves = [] }: Play): readonly number[] {
  let mark = BTC_MODEL.startPrice;
  return Array.from({ length: seconds + 1 }, (_, second) => {
    const planted = [...bursts, ...moves].filter((one) => second >= one.second && second < one.second + one.lengthS);
    const bps = planted.reduce((sum, one) => sum + one.bps / one.lengthS, 0);
    mark *= Math.exp(BTC_MODEL.secondVolatility * random.normal() + bps / 1e4);
    return mark;
  });
}

function background(random: Random, { seconds, betweenUsd }: Play): readonly { readonly time: number; readonly usd: number }[] {
  const every = (stepS: number, usd: number) =>
    Array.from({ length: Math.floor(seconds / stepS) }, (_, index) => ({
      time: START + Math.floor((index + random.uniform()) * stepS * SECOND_MS),
      usd,
    }));
  return [...every(BACKGROUND.everyS, BACKGROUND.usd), ...(betweenUsd === undefined ? [] : every(10, betweenUsd).slice(5))];
}

/** At random times and of random sizes; the first at the burst's start. */
function burstEvents(random: Random, { second, lengthS, usd, events }: Burst): readonly { readonly time: number; readonly usd: number }[] {
  const sizes = Array.from({ length: events }, () => 0.5 + random.exponential(1));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size, index) => {
    const offset = index === 0 ? 0 : Math.floor(random.uniform() * lengthS * SECOND_MS);
    return { time: START + second * SECOND_MS + offset, usd: (usd * size) / whole };
  });
}
