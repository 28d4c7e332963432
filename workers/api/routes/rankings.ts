import * as z from "zod";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from "../../../src/windows/kept.ts";
import { type Totals, addTotals } from "../../../src/windows/totals.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { type GroupTotals, groupTotals, summableRange } from "../../d1/ranking-reads.ts";
import { requireCollected } from "../http/collected.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { type Ranking, rankingSchema } from "../schemas/rankings.ts";

/** The totals of all base assets are read for it, so the range is bounded. */
const MAX_RANKED_MS = 31 * DAY_MS;

const query = z.strictObject({
  by: z
    .enum(["symbol", "exchange", "side"], { error: "must be one of symbol, exchange, side" })
    .meta({ description: "Kind of the ranked groups: base assets, venues or sides." })
    .default("symbol"),
  rank: z
    .enum(["usd", "notional_mark_usd", "events", "max_usd"], { error: "must be one of usd, notional_mark_usd, events, max_usd" })
    .meta({ description: "Value to rank by: a sum in USD, the number of events, or the largest single event." })
    .default("usd"),
  symbol: parameters.symbol.optional(),
  exchange: parameters.exchange.optional(),
  side: parameters.side.optional(),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  limit: parameters.limit.default(20),
});

/** Totals of a range over all base assets, and the groups with the most of them. */
export const rankingsRoute = jsonOperation({
  path: "/v1/rankings",
  id: "getRanking",
  cost: 5,
  cacheSeconds: 15,
  tag: "Liquidations",
  summary: "Get a ranking of symbols, venues or sides",
  query,
  description:
    "Returns the totals of a range (default: the last 24 h, at most 31 days) over all base assets, and ranks base assets, venues or sides by USD, number of events or largest event. The range is widened to whole minutes, or to whole hours where it is older than 7 days. Inferred liquidations are not included. The venues' own prices are of different kinds: rank venues by `notional_mark_usd`. Sums do not include liquidations that a venue does not report; see `meta.coverage`.",
  problems: ["unknown_symbol"],
  example: { query: { by: "symbol", rank: "usd", limit: "10" } },
  data: rankingSchema,
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) await requireCollected(c, asked.symbol, { history: true });
    const now = c.get("deps").now();
    const wanted = requireRange(asked, now, DAY_MS);
    if (wanted.end - wanted.start > MAX_RANKED_MS) {
      throw badParameters([{ parameter: "start", detail: "the range is longer than 31 days" }]);
    }
    if (wanted.start < now - HOURS_KEPT_MS) {
      throw badParameters([{ parameter: "start", detail: "lies more than 400 days back, where no totals are kept" }]);
    }
    const range = summableRange(wanted, now - MINUTES_KEPT_MS + DAY_MS);
    const venues = asked.exchange === undefined ? config.LIQUIDATION_EXCHANGES : [asked.exchange];
    const [found, gapRows] = await Promise.all([groupTotals(c.env.DB, asked.by, range, asked), gapsInRange(c.env.DB, venues, range).run()]);
    const isOneAsset = asked.by === "symbol" || asked.symbol !== undefined;
    // Units of different base assets do not add up to anything.
    const groups = isOneAsset ? found : found.map((group) => ({ ...group, quantity: null }));
    const total = { ...addTotals(groups), ...(asked.symbol === undefined ? { quantity: null } : {}) };
    const data = {
      by: asked.by,
      rank: asked.rank,
      start_time: range.start,
      end_time: range.end,
      groups: groups.length,
      total,
      ranking: ranked(groups, total, asked.rank).slice(0, asked.limit),
    };
    const present = asked.by === "exchange" ? EXCHANGES.filter((name) => groups.some(({ key }) => key === name)) : venues;
    const { gaps, truncated } = gapsOf(gapRows);
    return { data, meta: { count: 1, coverage: coverageOf(config, present), gaps, gaps_truncated: truncated } };
  },
});

/** The groups with the largest value first; ties are in alphabetical order. */
function ranked(groups: readonly GroupTotals[], total: Totals, rank: Ranking["rank"]): Ranking["ranking"] {
  const whole = rank === "max_usd" ? 0 : (total[rank] ?? 0);
  return groups
    .toSorted((a, b) => (b[rank] ?? -1) - (a[rank] ?? -1) || (a.key < b.key ? -1 : 1))
    .map((group, index) => {
      const value = group[rank];
      return { rank: index + 1, share: whole > 0 && value !== null ? value / whole : null, ...group };
    });
}
