import * as z from "zod";
import { type BurstEntry, crossExchange, type VenueTotals } from "../../../src/cascade/cross-exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { parameters, requireCollected } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { type CrossExchangeAnswer, crossExchangeSchema } from "../schemas/cross-exchange.ts";
import { rowsOf } from "../../d1/rows-of.ts";

/** Events of one symbol and side that are at most this far apart form one burst, as for `concurrent_exchanges`. */
const BURST_QUIET_MS = 10_000;

/** Events of a symbol over a range, without inferred ones, which no total includes. */
const EVENTS = "FROM liquidations WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3 AND coverage <> 'inferred'";

const TOTALS = `
  SELECT exchange, count(*) AS events, sum(usd_value) AS usd, sum(notional_mark_usd) AS notional_mark_usd ${EVENTS} GROUP BY exchange`;

const CONCURRENCY = `
  SELECT concurrent_exchanges AS exchanges, count(*) AS events ${EVENTS} AND concurrent_exchanges IS NOT NULL GROUP BY 1 ORDER BY 1`;

/** The first event of each venue in each burst that spans more than one venue. */
const ENTRIES = `
  WITH paced AS (
    SELECT exchange, position_side, event_time, event_id,
           event_time - lag(event_time) OVER (PARTITION BY position_side ORDER BY event_time, event_id) AS quiet ${EVENTS}
  ), numbered AS (
    SELECT exchange, position_side, event_time,
           sum(quiet IS NULL OR quiet > ${BURST_QUIET_MS}) OVER (PARTITION BY position_side ORDER BY event_time, event_id) AS number
    FROM paced
  ), entries AS (
    SELECT position_side || number AS burst, exchange, min(event_time) AS first_time,
           count(*) OVER (PARTITION BY position_side, number) AS venues
    FROM numbered GROUP BY position_side, number, exchange
  )
  SELECT burst, exchange, first_time FROM entries WHERE venues > 1`;

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
    "Returns share, events and USD of each venue, how often it moves first in bursts across venues, and how far it lags behind the first venue. A lag below `lag_resolution_ms` is indistinguishable from zero. Shares do not include liquidations that a venue does not report; see `meta.coverage`.",
  example: { query: { symbol: "BTC", hours: "24" } },
  data: crossExchangeSchema,
  answer: async (c, { query: { symbol, hours } }) => {
    const config = c.get("config");
    requireCollected(config, symbol);
    const most = config.LIQUIDATION_LOCAL_RETENTION_HOURS;
    if (hours < 1 || hours > most) throw badParameters([{ parameter: "hours", detail: `must be a whole number from 1 to ${most}` }]);
    const end = c.get("deps").now();
    const range = { start: end - hours * HOUR_MS, end };
    const bound = (sql: string) => c.env.DB.prepare(sql).bind(symbol, range.start, range.end);
    const [totals, concurrency, entries, gapRows] = await c.env.DB.batch([
      bound(TOTALS),
      bound(CONCURRENCY),
      bound(ENTRIES),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range),
    ]);
    const venues = rowsOf<VenueTotals>(totals);
    const bursts = rowsOf<BurstEntry>(entries);
    const { gaps, truncated } = gapsOf(gapRows);
    const data = {
      symbol,
      start_time: range.start,
      end_time: range.end,
      burst_quiet_ms: BURST_QUIET_MS,
      ...crossExchange(venues, bursts, (name) => exchanges[name].lagResolutionMs),
      concurrency: rowsOf<CrossExchangeAnswer["concurrency"][number]>(concurrency),
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
