import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { windowOfMinutes, windowOfText } from "../../../src/windows/window.ts";
import { readWindows } from "../../d1/window-reads.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { symbolWindowSchema } from "../schemas/symbol-window.ts";

/**
 * The statistics of one symbol's window and of the window before it, per side and venue: the numbers the spike rule sees.
 *
 * Partial minutes at the edges are summed from the events. Only the far end of the 24 h comparison is older than the
 * stored events; it is cut to the next whole minute, as `previous_start_time` shows.
 */
export const statsRoute = jsonOperation({
  path: "/v1/stats",
  id: "getStats",
  tag: "Liquidations",
  summary: "Get window statistics",
  query: z.strictObject({ symbol: parameters.symbol, window: parameters.window.default("15m") }),
  description:
    "Returns sums per side and venue over any window from 1m to 24h, their change against the previous window of the same length over the venues that were covered in both, and their rank among earlier windows of the same hour. The spike rule uses the same numbers. The window ends 5 s before `as_of_time`, a full minute; late events may still raise the sums. Sums do not include liquidations that a venue does not report; see `meta.coverage`.",
  example: { query: { symbol: "BTC", window: "15m" } },
  problems: ["unknown_symbol"],
  data: symbolWindowSchema,
  answer: async (c, { query: { symbol, window } }) => {
    const config = c.get("config");
    await requireCollected(c, symbol, { history: false });
    const asked = windowOfText(window) ?? windowOfMinutes(15);
    const { symbolWindows, gaps, truncated } = await readWindows(c.env.DB, config, [symbol], [asked], c.get("deps").now());
    const data = symbolWindows[0];
    if (data === undefined) throw new RangeError(`no window of ${symbol}`);
    const present = EXCHANGES.filter((name) => data.exchanges[name] !== undefined);
    return { data, meta: { coverage: coverageOf(config, present), gaps, gaps_truncated: truncated } };
  },
});
