import * as z from "zod";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../../src/windows/calendar.ts";
import { GAPS_BESIDE_DAYS, gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { minutePrices, newestMarkedVenue, priceSteps } from "../../d1/mark-candles.ts";
import { requireCollected } from "../http/collected.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { markCandleSchema } from "../schemas/mark-candle.ts";

const STEPS_MS = { "1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "1h": HOUR_MS } as const;
const DEFAULT_RANGE_MS = 4 * HOUR_MS;
const MAX_DAYS = 2;

const query = z.strictObject({
  symbol: parameters.symbol,
  exchange: parameters.exchange
    .meta({ description: "Venue whose mark prices are returned. Default: the first one that has the newest minute of the range." })
    .optional(),
  interval: z
    .enum(["1m", "5m", "15m", "1h"], { error: "must be one of 1m, 5m, 15m, 1h" })
    .meta({ description: "Length of a step; hours start in UTC." })
    .default("1m"),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
});

/** One venue's mark prices as candles, oldest first. */
export const marksRoute = jsonOperation({
  path: "/v1/marks",
  id: "listMarks",
  cost: 3,
  cacheSeconds: 10,
  tag: "Liquidations",
  summary: "List mark prices",
  query,
  description: `Returns the mark prices of one venue's USDT contract of a base asset as candles, oldest first: what liquidations are triggered by. All candles are of one venue, because mark prices of venues differ. The default range is the last 4 h; a range has at most ${MAX_DAYS} days and is widened to whole steps. A step without a mark price has no candle. The running minute is stored once it has ended; older minutes are in the daily files of \`minute_marks\`.`,
  problems: ["unknown_symbol"],
  example: { query: { symbol: "BTC", interval: "5m" } },
  data: z.array(markCandleSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    const { symbol } = asked;
    await requireCollected(c, symbol, { history: true });
    const wanted = requireRange(asked, c.get("deps").now(), DEFAULT_RANGE_MS);
    if (wanted.end - wanted.start > MAX_DAYS * DAY_MS) {
      throw badParameters([{ parameter: "start", detail: `the range is longer than ${MAX_DAYS} days` }]);
    }
    const stepMs = STEPS_MS[asked.interval];
    const range = { start: floorTo(wanted.start, stepMs), end: ceilTo(wanted.end, stepMs) };
    const venues = asked.exchange === undefined ? config.LIQUIDATION_EXCHANGES : [asked.exchange];
    const [exchange, gapRows] = await Promise.all([
      newestMarkedVenue(c.env.DB, symbol, venues, range),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range, GAPS_BESIDE_DAYS).run(),
    ]);
    const minutes = exchange === null ? [] : await minutePrices(c.env.DB, symbol, exchange, range);
    const data = exchange === null ? [] : priceSteps(minutes, stepMs).map((step) => ({ ...step, exchange }));
    const { gaps, truncated } = gapsOf(gapRows, GAPS_BESIDE_DAYS);
    return { data, meta: { count: data.length, coverage: coverageOf(config), gaps, gaps_truncated: truncated } };
  },
});
