import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { IsolateMemory } from "../../../src/isolate-memory.ts";
import { windowOfMinutes, windowOfText, windowRanges } from "../../../src/windows/window.ts";
import { estimateBySide, estimateByVenue, estimateTimes } from "../../../src/estimates/estimate-by-side.ts";
import { readTogether } from "../../d1/d1-read.ts";
import { estimateReachRead } from "../../d1/estimate-reads.ts";
import { readNewestWithin } from "../../d1/newest-estimates.ts";
import { RankingHistories } from "../../d1/ranking-history.ts";
import { windowsRead } from "../../d1/window-reads.ts";
import { coverageOf, publishingVenues } from "../../../src/exchanges/coverage.ts";
import { collectedRead, requireKnown } from "../http/collected.ts";
import { parameters } from "../http/parameters.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { symbolWindowSchema } from "../schemas/symbol-window.ts";

const histories = new IsolateMemory(() => new RankingHistories());

/**
 * The statistics of one symbol's window and of the window before it, per side and venue: the numbers the spike rule sees.
 *
 * Partial minutes at the edges are summed from the events. Only the far end of the 24 h comparison is older than the
 * stored events; it is cut to the next whole minute, as `previous_start_time` shows.
 */
export const statsRoute = jsonOperation({
  path: "/v1/stats",
  id: "getStats",
  cost: 3,
  cacheSeconds: 5,
  tag: "Liquidations",
  summary: "Get window statistics",
  query: z.strictObject({ symbol: parameters.symbol, window: parameters.window.default("15m") }),
  description:
    "Returns sums per side and venue over any window from 1m to 24h, their change against the previous window of the same length over the venues that were covered in both, and their rank among earlier windows of the same hour. The spike rule uses the same numbers. The window ends 5 s before `as_of_time`, a full minute; late events may still raise the sums. Sums do not include liquidations that a venue does not report; see `meta.coverage`. `estimate` has what all liquidations are estimated to come to, with method and status: an estimate, not a measurement.",
  example: { query: { symbol: "BTC", window: "15m" } },
  problems: ["unknown_symbol"],
  data: symbolWindowSchema,
  answer: async (c, { query: { symbol, window } }) => {
    const config = c.get("config");
    const asked = windowOfText(window) ?? windowOfMinutes(15);
    const { DB: db } = c.env;
    const now = c.get("deps").now();
    const { current: range } = windowRanges(asked.lengthMs, now);
    const [knowledge, { symbolWindows, gaps, truncated }, reach] = await readTogether(db, [
      collectedRead(c, symbol),
      windowsRead(db, config, [symbol], [asked], now, histories.kept),
      estimateReachRead(db),
    ]);
    await requireKnown(c, symbol, { history: false }, knowledge);
    const estimated = await readNewestWithin(db, { symbol, range, exchanges: publishingVenues(config) }, reach);
    const statistics = symbolWindows[0];
    if (statistics === undefined) throw new RangeError(`no window of ${symbol}`);
    const present = EXCHANGES.filter((name) => statistics.exchanges[name] !== undefined);
    const estimate = { ...estimateTimes(estimated.range), sides: estimateBySide(estimated), exchanges: estimateByVenue(estimated) };
    return { data: { ...statistics, estimate }, meta: { coverage: coverageOf(config, present), gaps, gaps_truncated: truncated } };
  },
});
