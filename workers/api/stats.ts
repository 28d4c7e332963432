import * as z from "zod";
import type { Config } from "../../src/config.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { ofExchange, sideStatistics } from "../../src/windows/window-statistics.ts";
import { readWindow } from "../d1/window-reads.ts";
import { coverageOf } from "./coverage.ts";
import { parameters, requireCollected } from "./parameters.ts";
import { readRoute } from "./read-route.ts";

/**
 * One symbol's window against the one before it, per side and per venue.
 *
 * Both windows end 5 s before a minute, `as_of_time`. What is left of a minute at an edge is summed from the events
 * themselves; only the far end of the 24 h comparison is older than the events kept and is cut to the next whole minute,
 * which `previous_start_time` shows. An answer may still grow by events that arrive later.
 */
export const statsRoute = readRoute({
  path: "/v1/stats",
  query: z.strictObject({ symbol: parameters.symbol, window: parameters.window.default("15m") }),
  answer: async (c, { symbol, window }) => {
    const config = c.get("config");
    requireCollected(config, symbol);
    const now = c.get("around").now();
    const { current, previous, totals, gaps, truncated } = await readWindow(c.env.DB, symbol, window, now, config.LIQUIDATION_EXCHANGES);
    const present = new Set([...totals.current, ...totals.previous].map((row) => row.exchange));
    const data = {
      symbol,
      window,
      as_of_time: floorTo(now, MINUTE_MS),
      start_time: current.start,
      end_time: current.end,
      previous_start_time: previous.start,
      previous_end_time: previous.end,
      sides: sideStatistics(totals),
      exchanges: Object.fromEntries(shown(config, present).map((name) => [name, sideStatistics(ofExchange(totals, name))])),
    };
    return { data, meta: { coverage: coverageOf(config, present), gaps, gaps_truncated: truncated } };
  },
});

/** Venues with events, and those that could have had some: one that publishes no liquidations has no zero to show. */
function shown(config: Config, present: ReadonlySet<ExchangeName>): readonly ExchangeName[] {
  return EXCHANGES.filter(
    (name) => present.has(name) || (config.LIQUIDATION_EXCHANGES.includes(name) && exchanges[name].coverage !== "none"),
  );
}
