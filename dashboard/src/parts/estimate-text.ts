import type { Estimate } from "../api/schema.ts";
import { countText, shortUsd } from "./format.ts";

type Status = Estimate["status"];

/** What each status means, as the end of "binance: …". */
export const STATUS_TEXT: Readonly<Record<Status, string>> = {
  validated: "validated, the method passed its test on a venue that it was not fitted on",
  experimental: "experimental, the method could not be tested on another venue",
  withheld: "no estimate",
};

/** An estimate in a sentence, for hints: its number with interval, method and status, or why there is none. */
export function estimateSentence(estimate: Estimate): string {
  const { reported_usd, estimated_usd, low_usd, high_usd, method, status, reason } = estimate;
  if (estimated_usd === null) return `No estimate of what was not reported: ${withEnd(reason ?? "the reason is not known")}`;
  const interval =
    low_usd === null || high_usd === null ? "" : `, between ${shortUsd(low_usd)} and ${shortUsd(high_usd)}, the sum of intervals of 80 %`;
  const why = reason === null ? "." : `: ${withEnd(reason)}`;
  return `Of ${shortUsd(reported_usd)} reported, all is estimated at ${shortUsd(estimated_usd)}${interval}. An estimate by ${method}, ${status}${why}`;
}

/**
 * What was reported in the minutes of an estimate, USD; null where it was not read.
 * @param isRead whether the estimate has minutes: without them a zero was not measured
 */
export function reportedUsd({ reported_usd: usd }: Estimate, isRead: boolean): number | null {
  return isRead || usd > 0 ? usd : null;
}

/** `61 of about 118`: reported liquidations among those that are estimated to have happened. */
export function eventsText({ reported_events: reported, estimated_events: estimated }: Estimate): string {
  return estimated === null ? countText(reported) : `${countText(reported)} of about ${countText(Math.round(estimated))}`;
}

/** A reason as a sentence. */
export function reasonText(reason: string | null): string {
  const text = reason ?? "the reason is not known";
  return withEnd(`${text.charAt(0).toUpperCase()}${text.slice(1)}`);
}

function withEnd(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export interface NamedEstimate {
  readonly exchange: string;
  readonly estimate: Estimate;
}

export interface StatusReason {
  readonly status: Status;
  readonly reason: string | null;
  readonly exchanges: readonly string[];
}

/** Why venues have no estimate, or one that is experimental; venues of the same reason together, the withheld ones first. */
export function statusReasons(rows: readonly NamedEstimate[]): readonly StatusReason[] {
  const unsure = rows.filter(({ estimate }) => estimate.status !== "validated");
  const groups = [...Map.groupBy(unsure, ({ estimate: { status, reason } }) => JSON.stringify([status, reason])).values()];
  return groups
    .flatMap((own): StatusReason[] => {
      const [first] = own;
      return first === undefined
        ? []
        : [{ status: first.estimate.status, reason: first.estimate.reason, exchanges: own.map(({ exchange }) => exchange) }];
    })
    .toSorted((a, b) => Number(b.status === "withheld") - Number(a.status === "withheld"));
}
