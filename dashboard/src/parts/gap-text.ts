import { momentText, spanText } from "./format.ts";

/** What the shared gap components need of a gap; the API's `Gap` and `ListedGap` both have it. */
export interface ShownGap {
  readonly exchange: string;
  readonly from_time: number;
  readonly to_time: number | null;
  readonly reason: string;
}

/** What the reasons of gaps mean. */
export const GAP_REASONS: Readonly<Record<string, string>> = {
  not_started: "collection had not started",
  silent: "the venue's stream was silent",
  disconnected: "the connection was cut",
  blocked: "the venue refused the connection",
  restarted: "the collector restarted",
  storage_failed: "the feed's storage refused to write",
  not_subscribed: "the venue refused the contract's topic",
  suspect: "the venue sent nothing, or none of a base asset, while the others were busy",
};

/** A gap from 1970 on: the collection of the venue began at its end, so it has no length that says anything. */
export function isBeforeCollection({ from_time: from }: Pick<ShownGap, "from_time">): boolean {
  return from === 0;
}

/** `bybit was not covered for 42 s from …: the connection was cut.` */
export function gapText(gap: ShownGap): string {
  const { exchange, from_time: from, to_time: to, reason } = gap;
  const cause = GAP_REASONS[reason] ?? reason;
  if (isBeforeCollection(gap)) {
    return to === null
      ? `${exchange} has not been covered yet: ${cause}.`
      : `${exchange} was not covered until ${momentText(to)}: ${cause}.`;
  }
  const length = to === null ? `since ${momentText(from)}` : `for ${spanText(to - from)} from ${momentText(from)}`;
  return `${exchange} was not covered ${length}: ${cause}.`;
}

/** `gap 42 s`, for a gap that lasts. */
export function openGapText(gap: Pick<ShownGap, "from_time">, now: number): string {
  return isBeforeCollection(gap) ? "not started" : `gap ${spanText(now - gap.from_time)}`;
}
