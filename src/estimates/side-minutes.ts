import type { PositionSide } from "../liquidation.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import { longShares } from "./side-share.ts";
import type { ShownSeconds } from "./throttle.ts";

const MINUTE_S = 60;

/** Borders of the levels of activity: liquidations a second of a contract over a minute, as estimated. */
const LEVEL_BORDERS = [0.05, 0.2, 0.6, 1.5, 4] as const;
export const LEVEL_NAMES = ["<0.05/s", "0.05-0.2/s", "0.2-0.6/s", "0.6-1.5/s", "1.5-4/s", ">4/s"] as const;

export function levelOf(eventsPerSecond: number): number {
  const level = LEVEL_BORDERS.findIndex((border) => eventsPerSecond < border);
  return level === -1 ? LEVEL_BORDERS.length : level;
}

/** What a contract shows of a side in a minute, and what the model expects to be hidden. */
export interface SideMinute {
  /** Seconds since 1970. */
  readonly minute: number;
  readonly side: PositionSide;
  shown_usd: number;
  shown_events: number;
  hidden_usd: number;
  hidden_events: number;
  /** Level of the contract's activity. */
  level: number;
}

export interface HiddenSeconds {
  readonly shown: ShownSeconds;
  readonly hidden: { readonly usd: Float64Array; readonly events: Float64Array };
}

/** The minutes of a contract, from its seconds: those of both sides, or those of each. */
export function sideMinutes(parts: readonly HiddenSeconds[]): readonly SideMinute[] {
  const minutes = new Map<number, SideMinute[]>();
  const of = (second: number): readonly SideMinute[] => {
    const minute = Math.floor(second / MINUTE_S) * MINUTE_S;
    const held = minutes.get(minute);
    if (held !== undefined) return held;
    const empty = POSITION_SIDES.map((side) => ({
      minute,
      side,
      shown_usd: 0,
      shown_events: 0,
      hidden_usd: 0,
      hidden_events: 0,
      level: 0,
    }));
    minutes.set(minute, empty);
    return empty;
  };
  for (const { shown, hidden } of parts) {
    const longs = shown.side === null ? longShares(shown) : null;
    for (const [index, second] of shown.seconds.entries()) {
      for (const entry of of(second)) {
        const isLong = entry.side === "long";
        if (entry.side === shown.sides[index]) {
          entry.shown_usd += shown.usd[index] ?? 0;
          entry.shown_events += 1;
        }
        const longShare = longs === null ? (shown.side === "long" ? 1 : 0) : (longs[index] ?? 0);
        const share = isLong ? longShare : 1 - longShare;
        entry.hidden_usd += share * (hidden.usd[index] ?? 0);
        entry.hidden_events += share * (hidden.events[index] ?? 0);
      }
    }
  }
  for (const sides of minutes.values()) {
    const events = sides.reduce((sum, { shown_events, hidden_events }) => sum + shown_events + hidden_events, 0);
    for (const entry of sides) entry.level = levelOf(events / MINUTE_S);
  }
  return [...minutes.values()].flat();
}
