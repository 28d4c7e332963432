import * as z from "zod";
import { type VenueStanding, crossExchange } from "../../../src/cascade/cross-exchange.ts";
import { burstEntries, concurrencyHistogram, venueTotals } from "../../../src/cascade/venue-bursts.ts";
import { estimateOfVenue, estimateTimes } from "../../../src/estimates/estimate-by-side.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { EstimatedRange } from "../../d1/estimate-reads.ts";
import { readNewestEstimates } from "../../d1/newest-estimates.ts";
import { ESTIMATE_METHODS, type Estimate, withheld } from "../../../src/estimates/estimate.ts";
import { readComparedParts } from "../../d1/compared-parts.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { coverageOf, publishingVenues } from "../../../src/exchanges/coverage.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { crossExchangeSchema } from "../schemas/cross-exchange.ts";

/** Events of one symbol and side that are at most this far apart form one burst, as for `concurrent_exchanges`. */
const BURST_QUIET_MS = 10_000;

/** Compares the venues: their shares, which one moves first, and how far the others lag. */
export const crossExchangeRoute = jsonOperation({
  path: "/v1/cross-exchange",
  id: "getCrossExchange",
  cost: 5,
  cacheSeconds: 30,
  tag: "Cascades",
  summary: "Compare venues",
  query: z.strictObject({
    symbol: parameters.symbol,
    hours: z
      .string()
      .refine((text) => /^\d{1,3}$/.test(text), "must be a whole number of hours")
      .transform(Number)
      .meta({
        description: "Length in hours of the range, which ends now. The maximum is LIQUIDATION_LOCAL_RETENTION_HOURS (default: 24).",
        override: { type: "integer", minimum: 1, maximum: 999 },
      })
      .default(24),
  }),
  description:
    "Returns share, events and USD of each venue, how often it moves first in bursts across venues, and its lag: its first event of a burst minus the first one elsewhere, negative where it led; and for each pair of venues (`pairs`) the lag of one behind the other. Shares and their concentration use `notional_mark_usd`, because the venues' own prices are of different kinds. Only bursts in which every listed venue was connected tell who was first; the others are counted in `bursts_not_covered`. A lag of at most `lag_resolution_ms`, of either sign, is indistinguishable from zero. Shares do not include liquidations that a venue does not report; see `meta.coverage`. `estimate`, over all venues and of each, has what all liquidations are estimated to come to, with method and status: an estimate, not a measurement.",
  example: { query: { symbol: "BTC", hours: "24" } },
  problems: ["unknown_symbol"],
  data: crossExchangeSchema,
  answer: async (c, { query: { symbol, hours } }) => {
    const config = c.get("config");
    await requireCollected(c, symbol, { history: false });
    const most = config.LIQUIDATION_LOCAL_RETENTION_HOURS;
    if (hours < 1 || hours > most) throw badParameters([{ parameter: "hours", detail: `must be a whole number from 1 to ${most}` }]);
    const end = c.get("deps").now();
    const range = { start: end - hours * HOUR_MS, end };
    const collected = publishingVenues(config);
    const [parts, estimated, gapRows] = await Promise.all([
      readComparedParts(c.env.DB, symbol, range),
      readNewestEstimates(c.env.DB, { symbol, range, exchanges: collected }),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range).run(),
    ]);
    const venues = venueTotals(parts);
    const { gaps, truncated } = gapsOf(gapRows);
    const compared = crossExchange(venues, burstEntries(parts, BURST_QUIET_MS), (name) => exchanges[name].lagResolutionMs, {
      gaps,
      knownFrom: truncated ? (gaps[0]?.from_time ?? range.end) : 0,
      quietMs: BURST_QUIET_MS,
    });
    const data = {
      symbol,
      start_time: range.start,
      end_time: range.end,
      burst_quiet_ms: BURST_QUIET_MS,
      ...compared,
      exchanges: compared.exchanges.map((standing) => ({ ...standing, estimate: estimateOf(standing, estimated, collected) })),
      estimate: { ...estimateTimes(estimated.range), total: estimated.total },
      concurrency: concurrencyHistogram(parts),
    };
    return {
      data,
      meta: {
        coverage: coverageOf(
          config,
          venues.map(({ exchange }) => exchange),
        ),
        gaps,
        gaps_truncated: truncated,
      },
    };
  },
});

/** Of a venue that was taken off the collected ones, gaps are not recorded, so nothing can be estimated. */
function estimateOf({ exchange, usd, events }: VenueStanding, estimated: EstimatedRange, collected: readonly ExchangeName[]): Estimate {
  if (collected.includes(exchange)) return estimateOfVenue(estimated, exchange);
  return withheld({ reported_usd: usd ?? 0, reported_events: events }, ESTIMATE_METHODS.none, `${exchange} is not collected any more`);
}
