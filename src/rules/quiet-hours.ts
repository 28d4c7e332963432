import { DAY_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import type { RuleEventKind } from "./rule-run.ts";

/** Hours of the day in which a rule only collects, such as 22:00 to 07:00. */
export interface QuietHours {
  /** Minutes of the local day. */
  readonly startMinute: number;
  readonly endMinute: number;
  /** Of the local time, east of UTC. */
  readonly utcOffsetMinutes: number;
}

/** When a rule delivers. */
export interface RuleDelivery {
  readonly quietHours: QuietHours | null;
  /** Deliveries are collected into one in this many minutes; null for each at once. */
  readonly digestMinutes: number | null;
}

/**
 * When something that happened to a rule at a time, ms, is delivered: at once, at the end of the digest's period, or at the
 * end of the quiet hours that it or the digest is in. An escalation is always delivered at once.
 */
export function releaseTime({ quietHours, digestMinutes }: RuleDelivery, kind: RuleEventKind, time: number): number {
  if (kind === "escalated") return time;
  const collected = digestMinutes === null ? time : ceilTo(time + 1, digestMinutes * MINUTE_MS);
  return quietHours === null ? collected : afterQuietHours(quietHours, collected);
}

function afterQuietHours({ startMinute, endMinute, utcOffsetMinutes }: QuietHours, time: number): number {
  const local = time + utcOffsetMinutes * MINUTE_MS;
  const day = floorTo(local, DAY_MS);
  const [start, end] = [startMinute * MINUTE_MS, endMinute * MINUTE_MS];
  const length = (end - start + DAY_MS) % DAY_MS;
  for (const from of [day + start - DAY_MS, day + start])
    if (local >= from && local < from + length) return from + length - utcOffsetMinutes * MINUTE_MS;
  return time;
}
