import type { Claim, Observations } from "../observations.ts";
import { quantile, verdictOf, votesText } from "./votes.ts";

/** A clock may be off by so much, and a row may be late by so much, ms. */
const EARLY_MS = 5_000;
const LATE_MS = 600_000;
const RESOLUTIONS_MS = [60_000, 1_000, 500, 100, 10, 1] as const;
const MIN_TIMES = 8;

export function timesPlausible({ liquidations, startTime }: Observations): Claim {
  const claim = `Times are the venue's, at most ${EARLY_MS / 1_000} s ahead of ours and ${LATE_MS / 60_000} minutes behind.`;
  const receipt = liquidations.filter(({ row }) => row.time_kind === "receipt");
  if (liquidations.length > 0 && receipt.length === liquidations.length) {
    return {
      about: "Times",
      claim: "Rows carry no time: that of receipt stands for it.",
      verdict: "seen",
      detail: `${receipt.length} rows`,
    };
  }
  // What a subscription repeats may be of yesterday.
  const lags = liquidations
    .filter(({ row }) => row.event_time >= startTime - LATE_MS)
    .map(({ row, receivedTime }) => receivedTime - row.event_time);
  const plausible = lags.filter((lag) => lag >= -EARLY_MS && lag <= LATE_MS).length;
  const shown = (share: number) => `${Math.round(quantile(lags, share) ?? 0)} ms`;
  const lagText = lags.length === 0 ? "" : `; received after ${shown(0)} at least, ${shown(0.5)} in the median, ${shown(0.99)} for 99 %`;
  const verdict = plausible < lags.length && plausible < 0.99 * lags.length ? "contradicted" : verdictOf(plausible, lags.length);
  return { about: "Times", claim, verdict, detail: `${votesText(plausible, lags.length, "are")}${lagText}` };
}

export function timeResolution({ liquidations }: Observations): Claim | null {
  const times = liquidations.filter(({ row }) => row.time_kind === "venue").map(({ row }) => row.event_time);
  if (times.length === 0) return null;
  const finest = RESOLUTIONS_MS.find((resolution) => times.every((time) => time % resolution === 0)) ?? 1;
  const claim = "Times are in milliseconds.";
  if (times.length < MIN_TIMES) return { about: "Times", claim, verdict: "not seen", detail: `only ${times.length} times` };
  return {
    about: "Times",
    claim,
    verdict: finest < 1_000 ? "seen" : "contradicted",
    detail: `all ${times.length} are multiples of ${finest} ms`,
  };
}
