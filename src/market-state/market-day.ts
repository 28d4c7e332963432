import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { DAY_MS } from "../windows/calendar.ts";
import { type Measure, STEPS_PER_BLOCK, STEP_MS } from "./lags.ts";

export const STEPS_PER_DAY = DAY_MS / STEP_MS;

/**
 * A UTC day of a base asset in steps of 5 min; null where unknown. This is what correlations are computed from and what is stored
 * of the day.
 */
export interface MarketDay {
  /** USD of the liquidations of each side over all venues, null where venues with over a tenth of the USD were not connected. */
  readonly flow: Readonly<Record<PositionSide, readonly (number | null)[]>>;
  readonly market: Readonly<Record<Measure, readonly (number | null)[]>>;
}

/** A venue's market at the end of a step. */
export interface StepMark {
  readonly exchange: ExchangeName;
  /** Start of the last minute of the step, ms. */
  readonly minute: number;
  readonly close: number;
  readonly index_price: number | null;
  readonly open_interest_usd: number | null;
  readonly funding_rate: number | null;
  readonly funding_interval_hours: number | null;
}

const HOURS_PER_RATE = 8;

/**
 * The market of a day over its venues:
 * - `funding_rate`: bps for 8 h, and `basis`: mark over index, bps; of each venue the deviation from its own mean of the block,
 *   so that a venue that comes or goes does not look like a move, then the mean over venues
 * - `open_interest_change`: change over the step, bps, of the contracts of all venues known at both of its ends; contracts and not
 *   USD, because USD falls with the price that liquidates longs
 * @param marks of the last minutes of the steps, and of the last one of the day before
 */
export function marketOfDay(day: number, marks: readonly StepMark[]): MarketDay["market"] {
  const venues = [...Map.groupBy(marks, ({ exchange }) => exchange).values()].map((own) => stepsOf(day, own));
  const each = (of: (mark: StepMark) => number | null) =>
    meanOfVenues(venues.map((steps) => deviations(steps.slice(1).map((mark) => (mark === null ? null : of(mark))))));
  return {
    funding_rate: each(({ funding_rate: rate, funding_interval_hours: hours }) =>
      rate === null || hours === null ? null : (1e4 * rate * HOURS_PER_RATE) / hours,
    ),
    open_interest_change: interestChanges(venues),
    basis: each(({ close, index_price: index }) => (index === null ? null : 1e4 * (close / index - 1))),
  };
}

/** One mark for each step, after the one before the day. */
function stepsOf(day: number, marks: readonly StepMark[]): readonly (StepMark | null)[] {
  const steps = Array.from({ length: STEPS_PER_DAY + 1 }, (): StepMark | null => null);
  for (const mark of marks) steps[Math.floor((mark.minute - day) / STEP_MS) + 1] = mark;
  return steps;
}

function deviations(values: readonly (number | null)[]): readonly (number | null)[] {
  const blocks = Array.from({ length: values.length / STEPS_PER_BLOCK }, (_, block) => {
    const own = values.slice(block * STEPS_PER_BLOCK, (block + 1) * STEPS_PER_BLOCK);
    const mean = meanOf(own) ?? 0;
    return own.map((value) => (value === null ? null : value - mean));
  });
  return blocks.flat();
}

function meanOfVenues(venues: readonly (readonly (number | null)[])[]): readonly (number | null)[] {
  return Array.from({ length: STEPS_PER_DAY }, (_, step) => rounded(meanOf(venues.map((values) => values[step] ?? null))));
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function interestChanges(venues: readonly (readonly (StepMark | null)[])[]): readonly (number | null)[] {
  return Array.from({ length: STEPS_PER_DAY }, (_, step) => {
    let [before, after] = [0, 0];
    for (const steps of venues) {
      const [first, last] = [contracts(steps[step]), contracts(steps[step + 1])];
      if (first === null || last === null) continue;
      before += first;
      after += last;
    }
    return before > 0 ? rounded(1e4 * (after / before - 1)) : null;
  });
}

function contracts(mark: StepMark | null | undefined): number | null {
  return mark === null || mark === undefined || mark.open_interest_usd === null ? null : mark.open_interest_usd / mark.close;
}

/** Digits beyond these are the noise of sums, and would rank values that are equal. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e5) / 1e5;
}
