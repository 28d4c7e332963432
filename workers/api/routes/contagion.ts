import * as z from "zod";
import { CONTAGION_DAYS, withheldContagion } from "../../../src/contagion/contagion.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { contagionEnd } from "../../contagion/fit-next.ts";
import { newestContagion } from "../../d1/contagion.ts";
import { requireCollected } from "../http/collected.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { parameters } from "../http/parameters.ts";
import { contagionSchema } from "../schemas/contagion.ts";

const NOT_FITTED = {
  reason: "not_fitted",
  detail:
    "No fit of this base asset is stored whose window ended within the last days: the cron fits the 12 busiest of those collected once a day, from 03:00 UTC on.",
} as const;

/** An older fit is not served. */
const MAX_AGE_MS = 2 * DAY_MS;

/** Who triggers whom over the venues of a base asset, from the last daily fit. */
export const contagionRoute = jsonOperation({
  path: "/v1/contagion",
  id: "getContagion",
  cost: 2,
  cacheSeconds: 60,
  tag: "Cascades",
  summary: "Get who triggers whom between venues",
  query: z.strictObject({ symbol: parameters.symbol }),
  description:
    "Returns the last daily fit of a multivariate Hawkes process to 14 whole days of a base asset: for every venue and every other one how many liquidations one of the first triggers directly on the second, with a 95 % interval, the share of events, the mean delay and the chance of such a score without excitement. An entry whose score does not beat its time-shifted nulls is null, with its reason. Lags up to `floor_ms` are neither counted nor claimed. `from_btc` is the same from BTC to this base asset. The whole answer is withheld, with its reason, where a day is missing, the venues have too many gaps, or too few venues have enough liquidations. Timing alone does not prove a cause: what moves one venue and then another one, beyond the floor, reads as excitement. Feeds that are throttled bias their rows and columns; see `venues`.",
  example: { query: { symbol: "ETH" } },
  problems: ["unknown_symbol"],
  data: contagionSchema,
  answer: async (c, { query: { symbol } }) => {
    const config = c.get("config");
    await requireCollected(c, symbol, { history: false });
    const end = contagionEnd(c.get("deps").now());
    const stored = await newestContagion(c.env.DB, symbol);
    const isCurrent = stored !== null && stored.end_time >= end - MAX_AGE_MS;
    const data = isCurrent ? stored : withheldContagion({ symbol, start_time: end - CONTAGION_DAYS * DAY_MS, end_time: end }, NOT_FITTED);
    const present = data.venues.map(({ exchange }) => exchange);
    return { data, meta: { coverage: coverageOf(config, present) } };
  },
});
