import { estimateTimes } from "../../src/estimates/estimate-by-side.ts";
import { estimateStep } from "../../src/estimates/estimate-steps.ts";
import { type WindowEstimate, estimatedPart, isEstimable } from "../../src/estimates/window-estimate.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { WindowSummary } from "../../src/signals/signal-input.ts";
import { readEstimateReach, readEstimatesTo } from "./estimate-reads.ts";

const ABSENT = "too few of its minutes are settled, or some were never estimated";

export interface WindowEstimatesQuery {
  readonly symbol: string;
  readonly windows: readonly Pick<WindowSummary, "window" | "start_time" | "end_time">[];
  /** The venues that publish liquidations. */
  readonly exchanges: readonly ExchangeName[];
  /** The time up to which liquidations were known, ms: minutes that settled later are left out. */
  readonly knownTime: number;
}

/** The estimates of those windows that are long enough for one, of their settled minutes; none while nothing was ever estimated. */
export async function readWindowEstimates(
  db: D1Database,
  { symbol, windows, exchanges, knownTime }: WindowEstimatesQuery,
): Promise<readonly WindowEstimate[]> {
  const reach = await readEstimateReach(db);
  if (reach === null) return [];
  const estimable = windows
    .map(({ window, start_time: start, end_time: end }) => ({ window, range: { start, end } }))
    .filter(({ range }) => isEstimable(range));
  return Promise.all(
    estimable.map(async ({ window, range: whole }): Promise<WindowEstimate> => {
      const asked = estimatedPart(whole, reach.settled, knownTime);
      if (asked !== null) {
        const { range, sides } = await readEstimatesTo(db, { range: asked, symbols: [symbol], exchanges, isWhole: true }, reach);
        if (range !== null) return { window, ...estimateTimes(range), ...sides };
      }
      const { sides } = estimateStep(whole, { entries: [], gaps: [], lost: [{ ...whole, reason: ABSENT }], exchanges });
      return { window, ...estimateTimes(null), ...sides };
    }),
  );
}
