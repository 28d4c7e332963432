import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { sumBySide } from "./estimate-block.ts";
import { ESTIMATE_METHODS, GAP_WORDS, type Estimate, type VenueSideEstimate, sumEstimates, withheld } from "./estimate.ts";
import { quietSides } from "./quiet-sides.ts";

/** The estimates of a stretch of time: a minute, hour or day, or a whole range. */
export interface EstimateStep {
  readonly time: number;
  /** By venue and side, without venues that reported nothing and were connected all the time. */
  readonly venues: readonly VenueSideEstimate[];
  readonly sides: Readonly<Record<(typeof POSITION_SIDES)[number], Estimate>>;
  readonly total: Estimate;
  /** Whether a part of it was never estimated, so that everything is withheld. */
  readonly isLost: boolean;
}

/** A part of a range for which no venue has an estimate, with the reason. */
export interface LostPart extends TimeRange {
  readonly reason: string;
}

export interface StepParts {
  /** What the blocks say, in any order; several of the same venue and side are added. */
  readonly entries: readonly VenueSideEstimate[];
  readonly gaps: readonly Gap[];
  readonly lost: readonly LostPart[];
  /** The venues that the sums are of, each with a contract of the base asset: a gap counts only where it is one of theirs. */
  readonly exchanges: readonly ExchangeName[];
}

/** The estimates of a stretch of time: a venue with a gap in it has none. */
export function estimateStep({ start, end }: TimeRange, { entries, gaps, lost, exchanges }: StepParts): EstimateStep {
  const reported = sumBySide(entries.filter(({ exchange }) => exchanges.includes(exchange)));
  const overlaps = (from: number, to: number | null): boolean => from < end && (to === null || to > start);
  const lostReasons = lost.filter((part) => overlaps(part.start, part.end)).map(({ reason }) => reason);
  const venues = exchanges.flatMap((exchange) => {
    const own = reported.filter((entry) => entry.exchange === exchange);
    const gap = gaps.find((one) => one.exchange === exchange && overlaps(one.from_time, one.to_time));
    const reason = lostReasons[0] ?? (gap === undefined ? null : gapReason(gap));
    return reason === null ? own : withheldSides(exchange, own, reason);
  });
  const parts = [...venues, ...exchanges.flatMap((exchange) => quietSides(exchange, venues))];
  const side = (name: (typeof POSITION_SIDES)[number]) => sumEstimates(parts.filter(({ position_side }) => position_side === name));
  const isLost = lostReasons.length > 0;
  return { time: start, venues, sides: { long: side("long"), short: side("short") }, total: sumEstimates(parts), isLost };
}

function gapReason({ exchange, from_time, to_time, reason }: Gap): string {
  const from = new Date(from_time).toISOString();
  const until = to_time === null ? "lasts" : `ended ${new Date(to_time).toISOString()}`;
  return `${exchange} ${GAP_WORDS} that began ${from} and ${until} (${reason})`;
}

function withheldSides(exchange: ExchangeName, own: readonly VenueSideEstimate[], reason: string): readonly VenueSideEstimate[] {
  return POSITION_SIDES.map((position_side) => {
    const entry = own.find((one) => one.position_side === position_side);
    const reported = entry ?? { reported_usd: 0, reported_events: 0 };
    return { exchange, position_side, ...withheld(reported, entry?.method ?? ESTIMATE_METHODS.none, reason) };
  });
}
