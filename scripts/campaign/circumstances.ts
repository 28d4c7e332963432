import type { LedgerEvent } from "../simulator/ledger.ts";
import type { Circumstances } from "../demo/reconcile-gaps.ts";
import type { PlayedFault } from "./play.ts";
import { MAX_SILENT_LIVE_MS } from "./watch.ts";

/** A margin at the ends of a jump, in which the venue's clock may have been either, ms. */
const MARGIN_MS = 100;

export function circumstancesOf(played: readonly PlayedFault[]): Circumstances {
  const publishedAt = publishedTimes(played);
  return { publishedAt, isWithheld: (event) => event.sent_time === null && isStalled(played, event, publishedAt(event)) };
}

/** A silence that ends before any feed may call it one. What is withheld in a longer one is a gap. */
function isStalled(played: readonly PlayedFault[], { exchange }: LedgerEvent, time: number): boolean {
  return played.some(
    ({ fault, from, to }) =>
      "venue" in fault &&
      fault.exchange === exchange &&
      fault.venue.kind === "stall" &&
      fault.venue.ms < MAX_SILENT_LIVE_MS &&
      time >= from &&
      time <= (to ?? Number.POSITIVE_INFINITY) + MARGIN_MS,
  );
}

/** The real time at which an event was published: the venue's own time without the jump of its clock at that moment. */
function publishedTimes(played: readonly PlayedFault[]): (event: LedgerEvent) => number {
  const jumps = played.flatMap(({ fault, from, to }) =>
    "venue" in fault && fault.venue.kind === "clock_jump"
      ? [{ exchange: fault.exchange, from: from - MARGIN_MS, to: (to ?? Date.now()) + MARGIN_MS, byMs: fault.venue.byMs }]
      : [],
  );
  return ({ exchange, published_time: published, event_time: time }) => {
    const shown = published ?? time;
    const jump = jumps.find((one) => one.exchange === exchange && shown - one.byMs >= one.from && shown - one.byMs <= one.to);
    return jump === undefined ? shown : shown - jump.byMs;
  };
}
