import type { ExchangeName, PositionSide } from "../liquidation.ts";
import type { CascadeRecord, CascadeState, Severity } from "./cascade-record.ts";
import type { FirstVenue } from "./first-venue.ts";
import type { MarkMove, SeenMark } from "./mark-move.ts";
import type { PeakUsd } from "./peak-usd.ts";

/** The time of a venue's first event of a burst, ms; venues without an event are absent. */
export type FirstTimes = Readonly<Partial<Record<ExchangeName, number>>>;

/** The stretch in which the start of a cascade is looked for, ms: `from` < event time ≤ `to`. */
export interface StartStretch {
  readonly from: number;
  readonly to: number;
}

/** A cascade that is building or running. */
export interface Running extends PeakUsd {
  readonly id: string;
  readonly state: Exclude<CascadeState, "ended">;
  readonly startTime: number;
  /** Where the start was looked for. */
  readonly stretch: StartStretch;
  readonly events: number;
  readonly usd: number;
  /** The venue whose own flow began first; null where none is known to. */
  readonly first: FirstVenue | null;
  /** Time of the first event of each venue since the start. */
  readonly firsts: FirstTimes;
  /** Each venue's first mark since the start. */
  readonly starts: readonly SeenMark[];
  readonly move: MarkMove | null;
  readonly severity: Severity;
  readonly marketWide: boolean;
  readonly peakVelocity: number;
  /** The seconds of events that the start and the peaks do not know of yet; none while it builds. */
  readonly unread: readonly number[];
  /** The velocity under which a cascade no longer builds, USD/s. */
  readonly minVelocity: number;
  /** Time of the event with which it began to build. */
  readonly begunTime: number;
  /** The move that made it active, bps; null while it builds. */
  readonly barBps: number | null;
  /** The sums hold this group's events with `from` < event time ≤ `upTo`, ms: they are not counted again. */
  readonly summed: { readonly group: number; readonly from: number; readonly upTo: number };
  /** Time of the last counted event. */
  readonly lastTime: number;
  /** Time of the last event at which the window reached its minimum USD. */
  readonly lastAboveTime: number;
  readonly lastVelocity: number;
  /** Time since which the velocity is below half its peak; null while it is not. */
  readonly slowSince: number | null;
  /** Time of the last event while active; null before. */
  readonly lastActiveTime: number | null;
}

export interface EndedCascade extends Running {
  /** What its record lists of auto-deleveraging: it is not known for as long as liquidations may be late. */
  readonly adlStates: CascadeRecord["adl_states"];
}

/** The state of one symbol and side; a plain value, so that it can be stored as JSON. */
export interface SideCascade {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly marks: readonly SeenMark[];
  readonly running: Running | null;
  /** The ended cascades that late liquidations may still belong to, oldest first. A close neighbour continues the last one. */
  readonly ended: readonly EndedCascade[];
}
