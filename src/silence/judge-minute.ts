import { MINUTE_MS } from "../windows/calendar.ts";
import type { FittedSilence } from "./fitted-venue.ts";
import { type Evidence, afterMinute, isSuspect, noEvidence } from "./silence-evidence.ts";
import type { MarketMinute } from "./silence-model.ts";

/** What is known of the silence of a venue, or of one of its base assets. Times in ms. */
export interface Silence extends Evidence {
  /** Start of the silence; null while there is none. */
  readonly since: number | null;
  /** Liquidations of the other venues since then. */
  readonly othersEvents: number;
  /** When it was found to be suspect; null while it is not. */
  readonly suspectTime: number | null;
}

/** What the minute that ended at `now` had. */
export interface JudgedMinute {
  readonly now: number;
  /** Null where it is not known. */
  readonly count: number | null;
  /** Whether there was a liquidation, in a minute that is known or not. */
  readonly isOver: boolean;
  /** Null where a minute without liquidations is no evidence. */
  readonly market: MarketMinute | null;
  /** Liquidations of the other venues. */
  readonly othersEvents: number;
  /** Number of silences that are judged together. */
  readonly family: number;
}

/** @returns null where nothing is said of it */
export function judgeMinute(earlier: Silence | null, fitted: FittedSilence | null, minute: JudgedMinute): Silence | null {
  const { now, count, isOver, market, family } = minute;
  if (fitted === null || fitted.model === null) {
    // A silence stays suspect until it ends, also where the model is withheld meanwhile.
    return isOver || earlier === null || earlier.suspectTime === null ? null : earlier;
  }
  const evidence = afterMinute(earlier ?? noEvidence(fitted.model), fitted.model, market, count);
  const isSilent = !isOver && (count === null ? (earlier?.since ?? null) !== null : count === 0);
  if (!isSilent) {
    const { own } = evidence;
    return { own, logEvidence: null, silentMinutes: 0, surprise: 0, since: null, othersEvents: 0, suspectTime: null };
  }
  // A minute that is no evidence alarms nobody, also where the number of silences judged together just fell.
  const isFound = market !== null && count !== null && isSuspect(evidence, family);
  return {
    ...evidence,
    since: earlier?.since ?? now - MINUTE_MS,
    othersEvents: (earlier?.othersEvents ?? 0) + minute.othersEvents,
    suspectTime: earlier?.suspectTime ?? (isFound ? now : null),
  };
}

/** Whether a silence was found to be suspect in the last minute, or a suspect one ended, with that silence. */
export function changeOf(
  earlier: Silence | null,
  next: Silence | null,
): { readonly kind: "suspect" | "cleared"; readonly silence: Silence } | null {
  const [was, is] = [(earlier?.suspectTime ?? null) !== null, (next?.suspectTime ?? null) !== null];
  if (was === is) return null;
  if (is) return next === null ? null : { kind: "suspect", silence: next };
  return earlier === null ? null : { kind: "cleared", silence: earlier };
}
