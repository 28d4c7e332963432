import * as z from "zod";
import { compareVenue } from "../../../src/aggregators/hour-comparison.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { DAY_MS, floorTo } from "../../../src/windows/calendar.ts";
import { comparedSymbols } from "../../aggregators/read-aggregator.ts";
import { readAggregatorState, readComparedDays } from "../../d1/aggregator-rows.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { truthBoardSchema } from "../schemas/truth-board.ts";

const NOTE =
  "An aggregator is no truth: it is another collector of the same public feeds, with its own sampling, deduplication and outages. A ratio far from 1 says that one of the two lacks or repeats something, not which.";

const query = z.strictObject({
  days: z.coerce
    .number({ error: "a whole number from 1 to 60" })
    .int({ error: "a whole number from 1 to 60" })
    .min(1, { error: "a whole number from 1 to 60" })
    .max(60, { error: "a whole number from 1 to 60" })
    .default(7)
    .meta({ description: "Number of UTC days, today included." }),
});

/** Our totals by venue beside those of an aggregator, where a key is set. */
export const truthBoardRoute = jsonOperation({
  path: "/v1/truth-board",
  id: "getTruthBoard",
  cost: 2,
  cacheSeconds: 60,
  tag: "Status",
  summary: "Compare with an aggregator",
  query,
  description:
    "Returns our totals of each venue beside those that the aggregator Coinalyze reports, where `COINALYZE_KEY` is set, over the hours that both have and that were covered here from end to end. An aggregator is another collector of the same public feeds, not the truth. Without the key, `state` is off and there are no sums.",
  example: { query: { days: "7" } },
  data: truthBoardSchema,
  answer: async (c, { query: { days } }) => {
    const config = c.get("config");
    const fromTime = floorTo(c.get("deps").now(), DAY_MS) - (days - 1) * DAY_MS;
    const isOff = config.COINALYZE_KEY === null;
    const [state, stored] = await Promise.all([readAggregatorState(c.env.DB), isOff ? [] : readComparedDays(c.env.DB, fromTime)]);
    const exchanges = config.LIQUIDATION_EXCHANGES.map((exchange) => {
      const markets = isOff ? 0 : state.markets.filter((one) => one.exchange === exchange).length;
      const error = isOff ? null : (state.errors[exchange] ?? null);
      const comparison = compareVenue(exchange, { markets, lacking: state.lacking[exchange] ?? [], error }, stored);
      if (isOff) return { ...comparison, reason: "COINALYZE_KEY is not set" };
      return state.listed_time === null ? { ...comparison, reason: "the aggregator's markets were not listed yet" } : comparison;
    });
    const isFailing = !isOff && state.error !== null;
    const data = {
      aggregator: "coinalyze" as const,
      state: isOff ? ("off" as const) : isFailing ? ("failing" as const) : ("on" as const),
      reason: isOff ? "COINALYZE_KEY is not set" : state.error,
      note: NOTE,
      success_time: isOff ? null : state.success_time,
      next_attempt_time: isFailing ? state.next_attempt_time : null,
      from_time: fromTime,
      symbols: [...comparedSymbols(config)],
      exchanges,
    };
    return { data, meta: { coverage: coverageOf(config) } };
  },
});
