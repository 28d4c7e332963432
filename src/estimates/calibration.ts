import { LEVEL_NAMES, type SideMinute } from "./side-minutes.ts";

/** How much of what the model expects to be hidden really is, at one level of activity. */
export interface LevelCalibration {
  /** Sum of what was hidden over the sum of what was expected, USD and events. */
  readonly usd: number;
  readonly events: number;
  /**
   * The tenth and the ninetieth percentile of hidden over expected USD, over minutes of a contract and side. Where more than a tenth of
   * the minutes hide nothing, the upper one is that of minutes, hours or days, whichever is highest: few of such minutes hide
   * anything, but the sum of many does.
   */
  readonly low: number;
  readonly high: number;
  /** Number of those minutes. */
  readonly minutes: number;
}

/** A level without enough minutes has that of the nearest one. */
export type Calibration = readonly LevelCalibration[];

export interface TrueMinute {
  readonly usd: number;
  readonly events: number;
}

/** A minute of a tape throttled in software, with the truth. */
export interface LabelledMinute {
  readonly shown: SideMinute;
  readonly truth: TrueMinute;
}

/** Minutes that a level must have for percentiles of its own. */
const MIN_MINUTES = 40;
/** Less than this many expected to be hidden is nothing to compare with. */
const MIN_EXPECTED_EVENTS = 1e-3;

/**
 * By split conformal: from minutes of which the sizes and the shape were not taken, by contract. Null where no level has enough of
 * them.
 */
export function calibrate(contracts: readonly (readonly LabelledMinute[])[]): Calibration | null {
  const own = LEVEL_NAMES.map((_, level) =>
    levelCalibration(contracts.map((labelled) => labelled.filter(({ shown }) => shown.level === level && isTestable(shown)))),
  );
  const known = own.flatMap((calibration, level) => (calibration === null ? [] : [{ calibration, level }]));
  if (known.length === 0) return null;
  return own.map((calibration, level) => {
    if (calibration !== null) return calibration;
    const nearest = known.toSorted((a, b) => Math.abs(a.level - level) - Math.abs(b.level - level) || b.level - a.level)[0];
    return { ...(nearest?.calibration as LevelCalibration), minutes: 0 };
  });
}

export function isTestable(shown: SideMinute): boolean {
  return shown.hidden_events > MIN_EXPECTED_EVENTS;
}

const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The minutes of a contract and side in the same hour or day, seconds long, together. */
export function stretches(labelled: readonly LabelledMinute[], lengthS: number): readonly (readonly LabelledMinute[])[] {
  return [...Map.groupBy(labelled, ({ shown }) => `${Math.floor(shown.minute / lengthS)} ${shown.side}`).values()];
}

/** Hidden over expected USD of each stretch, ascending. */
function sumRatios(contracts: readonly (readonly LabelledMinute[])[], lengthS: number): Float64Array {
  const groups = contracts.flatMap((labelled) => stretches(labelled, lengthS));
  return Float64Array.from(groups, (group) => {
    const sum = (value: (minute: LabelledMinute) => number): number => group.reduce((total, minute) => total + value(minute), 0);
    return sum(({ shown, truth }) => truth.usd - shown.shown_usd) / sum(({ shown }) => shown.hidden_usd);
  }).toSorted();
}

function levelCalibration(contracts: readonly (readonly LabelledMinute[])[]): LevelCalibration | null {
  const used = contracts.flat();
  if (used.length < MIN_MINUTES) return null;
  const ratios = Float64Array.from(used, ({ shown, truth }) => (truth.usd - shown.shown_usd) / shown.hidden_usd).toSorted();
  const low = Math.max(0, percentile(ratios, 0.1));
  const highs = [ratios, ...(low > 0 ? [] : [sumRatios(contracts, HOUR_S), sumRatios(contracts, DAY_S)])];
  const sum = (value: (minute: LabelledMinute) => number): number => used.reduce((total, minute) => total + value(minute), 0);
  return {
    usd: Math.max(0, sum(({ shown, truth }) => truth.usd - shown.shown_usd) / sum(({ shown }) => shown.hidden_usd)),
    events: Math.max(0, sum(({ shown, truth }) => truth.events - shown.shown_events) / sum(({ shown }) => shown.hidden_events)),
    low,
    high: Math.max(0, ...highs.map((sorted) => percentile(sorted, 0.9))),
    minutes: used.length,
  };
}

function percentile(sorted: Float64Array, share: number): number {
  // Split conformal: the rank among one more than there are.
  const rank = share < 0.5 ? Math.floor(share * (sorted.length + 1)) - 1 : Math.ceil(share * (sorted.length + 1)) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? 0;
}

export interface CalibratedMinute {
  readonly estimated_usd: number;
  readonly low_usd: number;
  readonly high_usd: number;
  readonly estimated_events: number;
}

/** The estimate of a minute. Where most minutes hide nothing the mean may lie beyond the ninetieth percentile: the interval holds both. */
export function calibrated(minute: SideMinute, calibration: Calibration): CalibratedMinute {
  const { shown_usd, hidden_usd, shown_events, hidden_events, level } = minute;
  const { usd = 1, events = 1, low = 0, high = 1 } = calibration[level] ?? {};
  const estimated_usd = shown_usd + usd * hidden_usd;
  return {
    estimated_usd,
    low_usd: Math.min(estimated_usd, shown_usd + low * hidden_usd),
    high_usd: Math.max(estimated_usd, shown_usd + high * hidden_usd),
    estimated_events: shown_events + events * hidden_events,
  };
}
