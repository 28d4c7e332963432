import { USD_FEATURE, VELOCITY_FEATURE } from "../cascade-forecast/forecast-features.ts";
import { FORECAST_HORIZON_MS, ForecastScorer, type ForecastWeights } from "../cascade-forecast/forecast-model.ts";
import type { ForecastFold, ForecastModelFile, ForecastTest } from "../cascade-forecast/forecast-model-file.ts";
import { leadTimes } from "../cascade-forecast/lead-times.ts";
import { type BinSums, EMPTY_BINS, binOf, reliabilityOf } from "../cascade-forecast/reliability.ts";
import { seededRandom } from "../seeded-random.ts";
import { DAY_MS, floorTo } from "../windows/calendar.ts";
import { fitForecast } from "./fit-forecast.ts";
import { type ForecastFoldRows, walkForwardDays } from "./forecast-fold.ts";
import { type CascadeStart, type ForecastRow, cascadeCount, cascadeKey, isFollowed } from "./forecast-row.ts";
import { RankedCases } from "./pr-auc.ts";
import { fitRidgeLogistic } from "./ridge-logistic.ts";

/** Fewer tested cascades say too little of a probability. */
export const MIN_CASCADES = 300;
/** Fewer days say too little of how days differ. */
export const MIN_DAYS = 14;
/** The mean forecast and the share that came true may differ by this factor; otherwise the number is no probability. */
const MAX_MISCALIBRATION = 1.5;
/** Hardly any: it only keeps the slope finite where the forecasts tell all outcomes apart. */
const SLOPE_PENALTY = 1e-6;
/** The highest forecasts that count as an alarm. */
const ALARM_SHARE = 0.01;
const BOOTSTRAP_DRAWS = 1_000;
const BOOTSTRAP_SEED = 1;

export interface ForecastTraining {
  /** Null where nothing can be fitted. */
  readonly model: Omit<ForecastModelFile, "hash" | "refusal"> | null;
  /** The reason why the model does not ship; null where it does. */
  readonly refusal: string | null;
}

/** A row of a fold, with what the fold's model says of it. */
interface TestedRow {
  readonly row: ForecastRow;
  readonly probability: number;
}

/**
 * Tests the forecast on later days, then trains it on all. It ships where its area under precision and recall beats that of the
 * velocity, with 95 % confidence over whole days, on at least 300 cascades, and its probabilities come true as often as they say.
 * The same for the same rows.
 * @param rows in the order of time
 * @param starts all cascades of that time
 */
export function trainForecast(rows: readonly ForecastRow[], starts: readonly CascadeStart[]): ForecastTraining {
  const folds = walkForwardDays(rows);
  const tested: TestedRow[] = [];
  const results: ForecastFold[] = [];
  for (const fold of folds) {
    const judged = judgeFold(fold);
    if (judged === null) continue;
    for (const one of judged.tested) tested.push(one);
    results.push(judged.result);
  }
  const weights = fitForecast(rows);
  const cascades = cascadeCount(tested.map(({ row }) => row));
  if (weights === null || cascades === 0) {
    return { model: null, refusal: `there are ${starts.length} cascades on ${dayCount(rows)} days, too few to learn and test anything` };
  }
  const test = testOf(tested, results, starts);
  const model = {
    ...weights,
    trained_from: rows[0]?.time ?? 0,
    trained_to: rows.at(-1)?.time ?? 0,
    forecasts: Math.round(rows.reduce((sum, { weight }) => sum + weight, 0)),
    cascades: cascadeCount(rows),
    symbols: [...new Set(rows.map(({ symbol }) => symbol))].toSorted(),
    test,
  };
  return { model, refusal: refusalOf(test) };
}

function refusalOf(test: ForecastTest): string | null {
  const { cascades, days, gain, gain_low: low, gain_high: high } = test;
  if (cascades < MIN_CASCADES) return `it was tested on ${cascades} cascades; needed: ${MIN_CASCADES}`;
  if (days < MIN_DAYS) return `it was tested on ${days} days with a cascade; needed: ${MIN_DAYS}`;
  if (!(low > 0)) {
    const interval = `${gain.toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
    return `its area under precision and recall exceeds that of the velocity by ${interval}; needed: an interval above 0`;
  }
  return comparisonRefusal(test) ?? calibrationRefusal(test);
}

/** What is easier to beat than it looks: velocity over all assets where their percentiles differ, USD beside the velocity. */
function comparisonRefusal({
  pr_auc: area,
  pr_auc_within: within,
  velocity_pr_auc_within: velocity,
  usd_pr_auc: usd,
}: ForecastTest): string | null {
  if (!(within > velocity)) {
    return `within base assets its area is ${within.toFixed(3)}, that of the velocity ${velocity.toFixed(3)}; needed: more`;
  }
  return area > usd ? null : `its area is ${area.toFixed(3)}, that of the USD of 90 s ${usd.toFixed(3)}; needed: more`;
}

function calibrationRefusal({ base_rate: rate, mean_probability: mean, calibration_slope: slope }: ForecastTest): string | null {
  if (mean > MAX_MISCALIBRATION * rate || rate > MAX_MISCALIBRATION * mean)
    return `it forecast ${percent(mean)} on the average, and ${percent(rate)} came true; allowed: a factor of ${MAX_MISCALIBRATION}`;
  if (slope > MAX_MISCALIBRATION || slope < 1 / MAX_MISCALIBRATION)
    return `its calibration slope is ${slope.toFixed(2)}; allowed: 1 within a factor of ${MAX_MISCALIBRATION}`;
  return null;
}

function judgeFold({
  from,
  to,
  training,
  test,
}: ForecastFoldRows): { readonly tested: readonly TestedRow[]; readonly result: ForecastFold } | null {
  const weights: ForecastWeights | null = fitForecast(training);
  if (weights === null || test.length === 0) return null;
  const scorer = new ForecastScorer(weights);
  const tested = test.map((row) => ({ row, probability: scorer.probability(row.features) }));
  const weightOf = Float64Array.from(test, ({ weight }) => weight);
  // Without a cascade there is no area.
  const area = (score: (one: TestedRow) => number) => ranked(tested, score).prAuc(weightOf) || 0;
  const result = {
    from,
    to,
    training_cascades: cascadeCount(training),
    cascades: cascadeCount(test),
    pr_auc: area(({ probability }) => probability),
    velocity_pr_auc: area(velocityOf),
  };
  return { tested, result };
}

function testOf(tested: readonly TestedRow[], folds: readonly ForecastFold[], starts: readonly CascadeStart[]): ForecastTest {
  const [from, to] = [folds[0]?.from ?? 0, folds.at(-1)?.to ?? 0];
  const compared = [ranked(tested, ({ probability }) => probability), ranked(tested, velocityOf)];
  const weights = Float64Array.from(tested, ({ row }) => row.weight);
  const areas = (by: Float64Array) => compared.map((one) => one.prAuc(by));
  const [area = 0, velocityArea = 0] = areas(weights);
  const gains = bootstrapDays(tested, weights, (by) => {
    const [model = 0, velocity = 0] = areas(by);
    return model - velocity;
  });
  const alarm = weightedQuantile(tested, 1 - ALARM_SHARE);
  const alarms = tested.filter(({ probability }) => probability >= alarm);
  return {
    folds,
    from,
    to,
    forecasts: Math.round(sumOf(tested, () => 1)),
    cascades: cascadeCount(tested.map(({ row }) => row)),
    days: dayCount(tested.flatMap(({ row }) => (isFollowed(row) ? [row] : []))),
    base_rate: sumOf(tested, ({ row }) => Number(isFollowed(row))) / sumOf(tested, () => 1),
    pr_auc: area,
    velocity_pr_auc: velocityArea,
    gain: area - velocityArea,
    gain_low: gains[Math.floor(0.025 * gains.length)] ?? 0,
    gain_high: gains[Math.ceil(0.975 * gains.length) - 1] ?? 0,
    pr_auc_within: areaWithin(tested, ({ probability }) => probability),
    velocity_pr_auc_within: areaWithin(tested, velocityOf),
    usd_pr_auc: ranked(tested, ({ row }) => row.features[USD_FEATURE] ?? 0).prAuc(weights),
    calibration_slope: slopeOf(tested),
    mean_probability: sumOf(tested, ({ probability }) => probability) / sumOf(tested, () => 1),
    reliability: reliabilityOf(binsOf(tested)),
    alarm_probability: alarm,
    alarm_precision: sumOf(alarms, ({ row }) => Number(isFollowed(row))) / sumOf(alarms, () => 1),
    lead_times: leadsOf(alarms, starts.filter(({ time }) => time >= from && time < to).length),
  };
}

function ranked(tested: readonly TestedRow[], score: (one: TestedRow) => number): RankedCases {
  return new RankedCases(
    tested.map(score),
    tested.map(({ row }) => isFollowed(row)),
  );
}

/** The areas of the base assets that have a cascade, averaged by their cascades. */
function areaWithin(tested: readonly TestedRow[], score: (one: TestedRow) => number): number {
  let [sum, whole] = [0, 0];
  for (const own of Map.groupBy(tested, ({ row }) => row.symbol).values()) {
    const cascades = cascadeCount(own.map(({ row }) => row));
    if (cascades === 0) continue;
    sum += cascades * ranked(own, score).prAuc(Float64Array.from(own, ({ row }) => row.weight));
    whole += cascades;
  }
  return sum / whole;
}

/** The coefficient of a logistic regression of what came true on the logit of what was forecast (Cox 1958). */
function slopeOf(tested: readonly TestedRow[]): number {
  const cases = tested.map(({ row, probability }) => ({
    x: [Math.log(probability / (1 - probability))],
    y: isFollowed(row) ? (1 as const) : (0 as const),
    weight: row.weight,
  }));
  return tested.every(({ row }) => isFollowed(row)) ? Number.NaN : (fitRidgeLogistic(cases, SLOPE_PENALTY).coefficients[1] ?? Number.NaN);
}

function velocityOf({ row }: TestedRow): number {
  return row.features[VELOCITY_FEATURE] ?? 0;
}

/** A statistic over days that are drawn with replacement, sorted; draws without a cascade say nothing. */
function bootstrapDays(
  tested: readonly TestedRow[],
  weights: Float64Array,
  statistic: (weights: Float64Array) => number,
): readonly number[] {
  const days = [...new Set(tested.map(({ row }) => floorTo(row.time, DAY_MS)))];
  const places = new Map(days.map((day, place) => [day, place]));
  const dayOf = Uint16Array.from(tested, ({ row }) => places.get(floorTo(row.time, DAY_MS)) ?? 0);
  const random = seededRandom(BOOTSTRAP_SEED);
  const drawn = Array.from({ length: BOOTSTRAP_DRAWS }, () => {
    const times = new Float64Array(days.length);
    for (let draw = 0; draw < days.length; draw += 1) {
      const day = Math.floor(random() * days.length);
      times[day] = (times[day] ?? 0) + 1;
    }
    return statistic(weights.map((weight, at) => weight * (times[dayOf[at] ?? 0] ?? 0)));
  });
  return drawn.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
}

function weightedQuantile(tested: readonly TestedRow[], share: number): number {
  const sorted = tested.toSorted((a, b) => b.probability - a.probability);
  const most = (1 - share) * sumOf(tested, () => 1);
  let seen = 0;
  for (const { row, probability } of sorted) if ((seen += row.weight) >= most) return probability;
  return sorted.at(-1)?.probability ?? 0;
}

function binsOf(tested: readonly TestedRow[]): readonly BinSums[] {
  const bins = EMPTY_BINS.map((bin) => ({ ...bin }));
  for (const { row, probability } of tested) {
    const bin = bins[binOf(probability)];
    if (bin === undefined) continue;
    bin.forecasts += row.weight;
    bin.probability += row.weight * probability;
    if (isFollowed(row)) bin.followed += row.weight;
  }
  return bins;
}

/** From the first alarm before each cascade to the cascade. */
function leadsOf(alarms: readonly TestedRow[], cascades: number): ForecastTest["lead_times"] {
  const leads = new Map<string, number>();
  for (const { row } of alarms) {
    if (row.cascadeTime === null) continue;
    const lead = Math.min(FORECAST_HORIZON_MS, row.cascadeTime - row.time);
    leads.set(cascadeKey(row), Math.max(leads.get(cascadeKey(row)) ?? 0, lead));
  }
  return leadTimes(cascades, [...leads.values()]);
}

function sumOf(tested: readonly TestedRow[], value: (one: TestedRow) => number): number {
  return tested.reduce((sum, one) => sum + one.row.weight * value(one), 0);
}

function dayCount(rows: readonly ForecastRow[]): number {
  return new Set(rows.map(({ time }) => floorTo(time, DAY_MS))).size;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
