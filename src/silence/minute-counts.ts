import type { ExchangeName } from "../liquidation.ts";
import { type Counts, othersActivity } from "./others-activity.ts";
import type { MarketMinute } from "./silence-model.ts";

/** What the venues delivered in a minute, and how far the price moved. */
export interface MinuteCounts {
  /** Its start, ms. */
  readonly minute: number;
  /** Absolute move of the mark price, bps; null where it is not known. */
  readonly move_bps: number | null;
  /** Liquidations by venue; absent where a venue was not connected all through the minute. */
  readonly counts: Partial<Record<ExchangeName, number>>;
  /**
   * The same of single base assets, by asset: a venue that is absent had none, and one of null is not known. Absent where assets were
   * not counted; an asset that is absent was not.
   */
  readonly assets?: Readonly<Record<string, AssetCounts>>;
}

export type AssetCounts = Partial<Record<ExchangeName, number | null>>;

/** What a venue's silence is compared with: averages of the days that its model was fitted on. */
export interface MarketAverages {
  /** Liquidations a minute of each venue. */
  readonly rates: Partial<Record<ExchangeName, number>>;
  readonly move_bps: number | null;
}

export const ACTIVITY_MINUTES = 10;
const LATE_MINUTES = 2;

export function averagesOf(minutes: readonly MinuteCounts[]): MarketAverages {
  const sums = new Map<ExchangeName, { events: number; minutes: number }>();
  let [moves, known] = [0, 0];
  for (const { counts, move_bps } of minutes) {
    if (move_bps !== null) [moves, known] = [moves + move_bps, known + 1];
    for (const [name, count] of Object.entries(counts) as [ExchangeName, number][]) {
      const sum = sums.get(name) ?? { events: 0, minutes: 0 };
      sums.set(name, { events: sum.events + count, minutes: sum.minutes + 1 });
    }
  }
  const rates = Object.fromEntries([...sums].map(([name, { events, minutes: count }]) => [name, events / count]));
  return { rates, move_bps: known === 0 || moves === 0 ? null : moves / known };
}

/**
 * @param recent the minutes up to the judged one, those whose activity counts
 * @param lateMinutes of which the activity is compared with that of all of them
 * @returns null where nothing is known of any other venue
 */
export function marketMinute(
  recent: readonly MinuteCounts[],
  averages: MarketAverages,
  venue: ExchangeName,
  lateMinutes = LATE_MINUTES,
): MarketMinute | null {
  const counts: readonly Counts[] = recent.map((one) => one.counts);
  const activity = othersActivity(counts, averages.rates, venue);
  const late = othersActivity(counts.slice(-lateMinutes), averages.rates, venue);
  if (activity === null || late === null) return null;
  const move = recent.at(-1)?.move_bps ?? null;
  return { activity, lately: late / activity, move: move === null || averages.move_bps === null ? 1 : move / averages.move_bps };
}
