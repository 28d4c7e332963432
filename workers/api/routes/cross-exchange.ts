import * as z from "zod";
import { crossExchange } from "../../../src/cascade/cross-exchange.ts";
import { type ComparedEvent, burstEntries, concurrencyHistogram, venueTotals } from "../../../src/cascade/venue-bursts.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { crossExchangeSchema } from "../schemas/cross-exchange.ts";
import { rowsOf } from "../../d1/rows-of.ts";

/** Events of one symbol and side that are at most this far apart form one burst, as for `concurrent_exchanges`. */
const BURST_QUIET_MS = 10_000;

/**
 * Events of a symbol over a range in order, without inferred ones, which no total includes. One pass: everything else is
 * computed from these rows, as each statement over them would read them all again.
 */
const EVENTS = `
  SELECT exchange, position_side, event_time, usd_value, notional_mark_usd, concurrent_exchanges FROM liquidations
  WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3 AND coverage <> 'inferred' ORDER BY event_time, event_id`;

/** Compares the venues: their shares, which one moves first, and how far the others lag. */
export const crossExchangeRoute = jsonOperation({
  path: "/v1/cross-exchange",
  id: "getCrossExchange",
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
    "Returns share, events and USD of each venue, how often it moves first in bursts across venues, and how far it lags behind the first venue. Shares and their concentration use `notional_mark_usd`, because the venues' own prices are of different kinds. Only bursts in which every listed venue was connected tell who was first; the others are counted in `bursts_not_covered`. A lag below `lag_resolution_ms` is indistinguishable from zero. Shares do not include liquidations that a venue does not report; see `meta.coverage`.",
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
    const [eventRows, gapRows] = await c.env.DB.batch([
      c.env.DB.prepare(EVENTS).bind(symbol, range.start, range.end),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range),
    ]);
    const events = rowsOf<ComparedEvent>(eventRows);
    const venues = venueTotals(events);
    const { gaps, truncated } = gapsOf(gapRows);
    const data = {
      symbol,
      start_time: range.start,
      end_time: range.end,
      burst_quiet_ms: BURST_QUIET_MS,
      ...crossExchange(venues, burstEntries(events, BURST_QUIET_MS), (name) => exchanges[name].lagResolutionMs, {
        gaps,
        knownFrom: truncated ? (gaps[0]?.from_time ?? range.end) : 0,
        quietMs: BURST_QUIET_MS,
      }),
      concurrency: concurrencyHistogram(events),
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
