import type { Coverage, PositionSide } from "../liquidation.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import { SECOND_MS } from "../windows/calendar.ts";

/**
 * How a venue thins out the liquidations of a contract, by the coverage of its feed:
 * - `complete`: not at all;
 * - `largest`, `largest_by_side`: the largest of each second, or of each second and side;
 * - `one`: at most one of each second, and nobody knows which;
 * - `unstated`: nothing is known;
 * - `silent`: it publishes none.
 */
export type Throttle = "complete" | "largest" | "largest_by_side" | "one" | "unstated" | "silent";

const THROTTLES: Readonly<Record<Coverage, Throttle>> = {
  all_reported: "complete",
  largest_per_second: "largest",
  largest_per_side_second: "largest_by_side",
  sampled: "one",
  unknown: "unstated",
  inferred: "silent",
  none: "silent",
};

export function throttleOf(coverage: Coverage): Throttle {
  return THROTTLES[coverage];
}

/** A liquidation of one contract. */
export interface SizedEvent {
  /** ms */
  readonly time: number;
  readonly side: PositionSide;
  /** Flow USD. */
  readonly usd: number;
}

/** What a throttled venue shows of a contract, or of one side of it: a size for each second that has one, in order. */
export interface ShownSeconds {
  /** Null where both sides share the throttle. */
  readonly side: PositionSide | null;
  /** Seconds since 1970, ascending, none twice. */
  readonly seconds: readonly number[];
  readonly usd: readonly number[];
  readonly sides: readonly PositionSide[];
  /** Number of events in a second that already had one: a venue with this throttle shows none. */
  readonly surplus: number;
}

export type ShownThrottle = "largest" | "largest_by_side" | "one";

/**
 * What a venue with this throttle shows of the events of a contract. For events that the venue has thinned out already this only
 * brings them into form; on a complete tape it is the throttle in software. `one` keeps the last one of a second.
 */
export function shownSeconds(events: readonly SizedEvent[], throttle: ShownThrottle): readonly ShownSeconds[] {
  if (throttle !== "largest_by_side") return [shownOf(events, null, throttle)];
  return POSITION_SIDES.map((side) =>
    shownOf(
      events.filter((event) => event.side === side),
      side,
      throttle,
    ),
  );
}

function shownOf(events: readonly SizedEvent[], side: PositionSide | null, throttle: ShownThrottle): ShownSeconds {
  const bySecond = new Map<number, SizedEvent>();
  let surplus = 0;
  for (const event of events) {
    const second = Math.floor(event.time / SECOND_MS);
    const before = bySecond.get(second);
    if (before !== undefined) surplus += 1;
    if (before === undefined || throttle === "one" || event.usd > before.usd) bySecond.set(second, event);
  }
  const shown = [...bySecond].toSorted(([a], [b]) => a - b);
  return {
    side,
    seconds: shown.map(([second]) => second),
    usd: shown.map(([, { usd }]) => usd),
    sides: shown.map(([, event]) => event.side),
    surplus,
  };
}
