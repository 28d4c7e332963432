import type { Venues } from "../simulator/start-venues.ts";
import { MAX_MINUTES } from "./options.ts";

/**
 * How far a demo is, in one line.
 * @param openTime when the market begins, ms; null while that is not known
 */
export function progressLine(venues: Venues, openTime: number | null, minutes: number): string {
  const sent = venues.all().reduce((sum, venue) => sum + venue.sent().length, 0);
  const clock = new Date().toISOString().slice(11, 19);
  return [clock, place(openTime, minutes), `${sent} liquidations on the wire`, cascade(venues)].filter((part) => part !== "").join(" · ");
}

function place(openTime: number | null, minutes: number): string {
  if (openTime === null) return "waiting until all feeds are live";
  const now = Date.now();
  if (now < openTime) return `all feeds are live; prices only, the market begins in ${duration(openTime - now)}`;
  const passed = duration(now - openTime);
  return minutes === MAX_MINUTES ? `${passed}, Ctrl-C ends it` : `${passed} of ${duration(minutes * 60_000)}`;
}

function cascade(venues: Venues): string {
  const script = venues.cascades()[0];
  const now = Date.now();
  if (script === undefined) return "";
  if (now < script.startTime) return `cascade in ${duration(script.startTime - now)}`;
  return now < script.endTime ? "cascade runs" : "cascade is over";
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
