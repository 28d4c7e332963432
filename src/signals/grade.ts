import type { PositionSide } from "../liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import type { Action } from "./verdict.ts";

/** Time between entry and grading, ms. */
export const HORIZONS = {
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  "24h": DAY_MS,
} as const;
export type Horizon = keyof typeof HORIZONS;
export const HORIZON_NAMES = Object.keys(HORIZONS) as readonly Horizon[];

/** The horizon that confidence refers to. */
export const HEADLINE_HORIZON: Horizon = "1h";

/** Cost of entry and exit together, bps. */
export const COST_BPS = 10;

/** Maximum time without a mark at either end. */
export const MARK_TOLERANCE_MS = 5 * MINUTE_MS;
/** The marks of a minute are stored about a minute after it ends, those of the preferred venue perhaps later. */
const MARKS_STORED_MS = 3 * MINUTE_MS;
/** Maximum wait for a missing mark. */
const PATIENCE_MS = 15 * MINUTE_MS;

/** Earliest start of the entry minute: a decision cannot trade at an earlier mark. */
export function entryMinute(createdTime: number): number {
  return ceilTo(createdTime, MINUTE_MS);
}

export function dueTime(createdTime: number, horizon: Horizon): number {
  return entryMinute(createdTime) + HORIZONS[horizon] + MARKS_STORED_MS;
}

/** Whether missing marks may still arrive. */
export function mayStillCome(dueAt: number, now: number): boolean {
  return now < dueAt + PATIENCE_MS;
}

/**
 * The entry minute of the random baseline: in the 24 h that end one horizon before the decision, as a function of the
 * record's hash and the horizon.
 */
export function randomEntryMinute(createdTime: number, horizon: Horizon, hash: string): number {
  const share = Number.parseInt(hash.slice(0, 12), 16) / 16 ** 12;
  return floorTo(createdTime - HORIZONS[horizon] - share * DAY_MS, MINUTE_MS);
}

/** Mark prices over a horizon. */
export interface MarkPath {
  readonly entry: number;
  readonly exit: number;
  readonly high: number;
  readonly low: number;
}

export interface Grade {
  /** Return of the mark price, whatever the action. */
  readonly forward_return_bps: number;
  /** Largest and smallest gain of the position along the way, before cost; for NOTHING, of a bought position. */
  readonly best_excursion_bps: number;
  readonly worst_excursion_bps: number;
  /** Return of the action after cost; null for NOTHING. */
  readonly net_return_bps: number | null;
  /** Return of the same action at an earlier random time; null for NOTHING and where marks are missing. */
  readonly random_net_return_bps: number | null;
  /** Return against and with the forced flow at the same time; null where neither side dominated. */
  readonly fade_net_return_bps: number | null;
  readonly follow_net_return_bps: number | null;
}

/**
 * Grades a decision over a horizon.
 * @param side the side with the larger liquidations: longs push the mark down
 * @param random the path from the random entry; null where its marks are missing
 */
export function gradeOf(action: Action, side: PositionSide | null, path: MarkPath, random: Pick<MarkPath, "entry" | "exit"> | null): Grade {
  const direction = action === "BUY" ? 1 : action === "SELL" ? -1 : null;
  const forced = side === null ? null : side === "long" ? -1 : 1;
  const forward = returnBps(path.entry, path.exit);
  const up = returnBps(path.entry, path.high);
  const down = returnBps(path.entry, path.low);
  return {
    forward_return_bps: forward,
    best_excursion_bps: direction === -1 ? -down : up,
    worst_excursion_bps: direction === -1 ? -up : down,
    net_return_bps: netBps(direction, forward),
    random_net_return_bps: netBps(direction, random === null ? null : returnBps(random.entry, random.exit)),
    fade_net_return_bps: netBps(forced === null ? null : forced === 1 ? -1 : 1, forward),
    follow_net_return_bps: netBps(forced, forward),
  };
}

function netBps(direction: 1 | -1 | null, bps: number | null): number | null {
  return direction === null || bps === null ? null : direction * bps - COST_BPS;
}

function returnBps(from: number, to: number): number {
  return 1e4 * (to / from - 1);
}

/**
 * A stored grade. All fields but the first three are null until it is computed; only `problem` is set where it cannot
 * be.
 */
export interface GradeRow {
  readonly signal_id: string;
  readonly horizon: Horizon;
  readonly due_time: number;
  readonly graded_time: number | null;
  readonly problem: string | null;
  readonly entry_time: number | null;
  readonly entry_price: number | null;
  readonly exit_time: number | null;
  readonly exit_price: number | null;
  readonly forward_return_bps: number | null;
  readonly best_excursion_bps: number | null;
  readonly worst_excursion_bps: number | null;
  readonly net_return_bps: number | null;
  readonly random_net_return_bps: number | null;
  readonly fade_net_return_bps: number | null;
  readonly follow_net_return_bps: number | null;
}

/** The stored fields of a computed grade. */
export type GivenGrade = Pick<GradeRow, "graded_time" | "problem" | "entry_time" | "entry_price" | "exit_time" | "exit_price"> & {
  readonly [Name in keyof Grade]: Grade[Name] | null;
};

/** The fields of a `GivenGrade`: columns that are null until the grade is computed. */
export const GIVEN_COLUMNS = [
  "graded_time",
  "problem",
  "entry_time",
  "entry_price",
  "exit_time",
  "exit_price",
  "forward_return_bps",
  "best_excursion_bps",
  "worst_excursion_bps",
  "net_return_bps",
  "random_net_return_bps",
  "fade_net_return_bps",
  "follow_net_return_bps",
] as const satisfies readonly (keyof GivenGrade)[];
