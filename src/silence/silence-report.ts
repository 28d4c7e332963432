import type { ExchangeName } from "../liquidation.ts";
import { type FittedSilence, type FittedVenue, judgedAssets } from "./fitted-venue.ts";
import type { Silence } from "./judge-minute.ts";
import { silenceProbability } from "./silence-evidence.ts";
import type { SilenceState } from "./silence-watch.ts";

/** The state of a silence, in the order in which they are shown. */
export const SILENCE_STATES = ["suspect", "watched", "withheld"] as const;

/** What is shown of a silence. Times in ms. */
interface ShownSilence {
  readonly state: (typeof SILENCE_STATES)[number];
  /** Reason why nothing is said of it; null where it is watched. */
  readonly reason: string | null;
  readonly silent_since: number | null;
  readonly silent_minutes: number;
  readonly silence_probability: number | null;
  readonly others_events: number;
  readonly suspect_time: number | null;
  readonly fitted_time: number | null;
  readonly fitted_minutes: number;
  readonly events_per_minute: number | null;
}

/** The silence of one base asset, on a venue that delivers others. */
export interface AssetSilenceReport extends ShownSilence {
  readonly symbol: string;
}

/** The silence of a venue, and those of its base assets. */
export interface SilenceReport extends ShownSilence {
  readonly exchange: ExchangeName;
  /** Of those that are judged, or suspect. */
  readonly assets: readonly AssetSilenceReport[];
}

/** @param fitted of all venues */
export function silenceReport(exchange: ExchangeName, fitted: readonly FittedVenue[], state: SilenceState | null): SilenceReport {
  const venue = fitted.find((one) => one.exchange === exchange) ?? null;
  const family = judgedAssets(fitted);
  const known = state?.assets?.silences[exchange] ?? {};
  const names = new Set([...(venue?.assets ?? []).map(({ symbol }) => symbol), ...Object.keys(known)]);
  const assets = [...names].map((symbol) => {
    const own = venue?.assets?.find((one) => one.symbol === symbol) ?? null;
    return { symbol, ...shownSilence(own, known[symbol] ?? null, family) };
  });
  const judged = assets.filter((one) => one.state !== "withheld");
  return { exchange, ...shownSilence(venue, state?.venues[exchange] ?? null, 1), assets: judged };
}

function shownSilence(fitted: FittedSilence | null, silence: Silence | null, family: number): ShownSilence {
  const isOut = silence !== null && silence.suspectTime !== null;
  const withheld = fitted === null ? "no days of its minutes are stored yet" : fitted.withheld;
  return {
    state: isOut ? "suspect" : withheld === null ? "watched" : "withheld",
    reason: isOut ? null : withheld,
    silent_since: silence?.since ?? null,
    silent_minutes: silence?.silentMinutes ?? 0,
    silence_probability: silence === null ? null : silenceProbability(silence, family),
    others_events: silence?.othersEvents ?? 0,
    suspect_time: silence?.suspectTime ?? null,
    fitted_time: fitted?.fitted_time ?? null,
    fitted_minutes: fitted?.minutes ?? 0,
    events_per_minute: fitted?.model?.rate ?? null,
  };
}
