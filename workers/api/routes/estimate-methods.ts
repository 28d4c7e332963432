import * as z from "zod";
import { OTHER_SYMBOLS, staleReason } from "../../../src/estimates/fit.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { type StoredFit, readFits } from "../../d1/estimate-fits.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { estimateMethodSchema } from "../schemas/estimate-methods.ts";

/** What estimated totals rest on: the fits of the last day with their tests. */
export const estimateMethodsRoute = jsonOperation({
  path: "/v1/estimates/methods",
  id: "listEstimateMethods",
  cost: 2,
  cacheSeconds: 60,
  tag: "Liquidations",
  summary: "List the methods of estimated totals",
  description:
    "Returns what estimated totals rest on: for each base asset with a fit of its own, and for all others together, the days and venues of the fit, its hash, how it compares with the truth on a complete venue that it was not fitted on, and for each throttled venue whether its estimates are validated, experimental or withheld, with the reason. It is fitted once a day; before the first fit the list is empty, and where the newest one ends more than three days ago everything is withheld.",
  data: z.array(estimateMethodSchema),
  answer: async (c) => {
    const fits = await readFits(c.env.DB);
    const now = c.get("deps").now();
    const data = [...fits.values()].map((stored) => methodOf(stored, now));
    return { data, meta: { count: data.length, coverage: coverageOf(c.get("config")) } };
  },
});

function methodOf({ symbol, fitted_time, hash, fit }: StoredFit, now: number): z.output<typeof estimateMethodSchema> {
  const stale = staleReason(fit, now);
  const throttles = (["largest", "largest_by_side", "one"] as const).flatMap((throttle) => {
    const own = fit.throttles[throttle];
    if (own === undefined) return [];
    const { status, reason, shape, evaluation } = own;
    const test =
      evaluation === null ? null : { ...evaluation, levels: evaluation.levels.map((level) => ({ ...level, allowed: [...level.allowed] })) };
    return [{ throttle, status, reason, shape, test }];
  });
  const venues = EXCHANGES.flatMap((exchange) => {
    const own = fit.venues[exchange];
    if (own === undefined) return [];
    const { throttle, scale, rho } = own;
    const { status, reason } = stale === null ? own : { status: "withheld" as const, reason: stale };
    return [{ exchange, throttle, status, reason, median_usd: scale?.median ?? null, rate_share: rho }];
  });
  return {
    symbol: symbol === OTHER_SYMBOLS ? null : symbol,
    fitted_time,
    hash,
    start_time: fit.range.start,
    end_time: fit.range.end,
    days: fit.days,
    fit_exchange: fit.fit_exchange,
    test_exchange: fit.test_exchange,
    reason: stale ?? fit.reason,
    throttles,
    venues,
  };
}
