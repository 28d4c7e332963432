import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { WINDOWS } from "../../../src/windows/window.ts";
import { readWindows } from "../../d1/window-reads.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { parameters, requireCollected } from "../http/parameters.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { windowReadingSchema } from "../schemas/window-reading.ts";

/**
 * One symbol's window against the one before it, per side and per venue: the numbers the spike rule sees.
 *
 * Both windows end 5 s before a minute, `as_of_time`. What is left of a minute at an edge is summed from the events
 * themselves; only the far end of the 24 h comparison is older than the events kept and is cut to the next whole minute,
 * which `previous_start_time` shows. An answer may still grow by events that arrive later.
 */
export const statsRoute = jsonOperation({
  path: "/v1/stats",
  id: "getStats",
  tag: "Liquidations",
  summary: "A window against the one before it",
  query: z.strictObject({ symbol: parameters.symbol, window: parameters.window.default("15m") }),
  description:
    "Sums per side and venue, their change against the window before and their rank among those of the last 7 days: the numbers the spike rule sees. Both windows end 5 s before a minute, `as_of_time`; an answer may still grow by events that come later. What a venue does not report is in no sum: see `meta.coverage`.",
  example: { query: { symbol: "BTC", window: "15m" } },
  data: windowReadingSchema,
  answer: async (c, { query: { symbol, window } }) => {
    const config = c.get("config");
    requireCollected(config, symbol);
    const asked = { name: window, lengthMs: WINDOWS[window] };
    const { readings, gaps, truncated } = await readWindows(c.env.DB, config, [symbol], [asked], c.get("around").now());
    const data = readings[0];
    if (data === undefined) throw new RangeError(`no reading of ${symbol}`);
    const present = EXCHANGES.filter((name) => data.exchanges[name] !== undefined);
    return { data, meta: { coverage: coverageOf(config, present), gaps, gaps_truncated: truncated } };
  },
});
