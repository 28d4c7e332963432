import type { SkippedFrames, StreamGap } from "../../../src/stream/frames.ts";

/** The query of the request that a frame names for what was not sent. Newest first: a page that is full lacks the oldest. */
export interface MissedQuery {
  readonly symbol?: string;
  readonly start: number;
  readonly end: number;
  readonly order: "desc";
  readonly limit: number;
  /** As in the stream. */
  readonly include: "inferred";
}

/** The largest page of the API. */
const PAGE_EVENTS = 1_000;

/** What a `skipped` or `gap` frame says was not sent: a sentence, and the query that returns its liquidations. */
export function missedFrom(frame: SkippedFrames | StreamGap): { readonly text: string; readonly query: MissedQuery } {
  const parameters = new URL(frame.request, "http://stream.invalid").searchParams;
  const symbol = parameters.get("symbol");
  const query = {
    start: Number(parameters.get("start") ?? 0),
    end: Number(parameters.get("end") ?? 0),
    order: "desc",
    limit: PAGE_EVENTS,
    include: "inferred",
    ...(symbol === null ? {} : { symbol }),
  } as const;
  return { query, text: sentence(frame) };
}

function sentence(frame: SkippedFrames | StreamGap): string {
  if (frame.type === "skipped") return `The stream left out ${frame.count} frames because this browser read too slowly.`;
  const seconds = frame.from_time === null ? null : Math.round((frame.to_time - frame.from_time) / 1_000);
  return seconds === null
    ? "The stream no longer had what happened while this page was away."
    : `The stream no longer had ${seconds} s of what happened while this page was away.`;
}
