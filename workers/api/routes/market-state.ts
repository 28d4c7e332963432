import * as z from "zod";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { CORRELATIONS_AGE_MS } from "../../../src/market-state/correlations.ts";
import { squeezeOf } from "../../../src/market-state/squeeze.ts";
import { venueMarkets } from "../../../src/signals/venue-now.ts";
import { DAY_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { MAX_BUSIEST_SYMBOLS } from "../../../src/windows/busiest-symbols.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { type StoredCorrelations, latestCorrelations, latestCorrelationsOf } from "../../d1/market-correlations.ts";
import { venueRows, venueRowsOf } from "../../d1/venue-rows.ts";
import { requireCollected } from "../http/collected.ts";
import { type Frozen, jsonOperation } from "../http/json-operation.ts";
import { parameters } from "../http/parameters.ts";
import { marketStateSchema } from "../schemas/market-state.ts";

/** Marks of a minute are stored within this time of its end. */
const STORED_MS = MINUTE_MS / 2;

/** The market of a base asset, and how its liquidations went with it. */
export const marketStateRoute = jsonOperation({
  path: "/v1/market-state",
  id: "getMarketState",
  cost: 5,
  cacheSeconds: 30,
  tag: "Liquidations",
  summary: "Get the state of the market",
  query: z.strictObject({ symbol: parameters.symbol }),
  description:
    "Returns funding, open interest and basis of each venue's USDT contract, which side is crowded by a stated rule, and the rank correlations of the liquidations of each side with those measures, from an hour before them to an hour after. Correlations are computed once a day over up to 14 days and withheld, with the reason, with fewer than 7 days, or fewer than 24 six-hour blocks with known values. Ranks are taken inside each block, so that slow drifts count for nothing; a rhythm of the day that both share does count. The intervals come from a studentised block bootstrap and hold for all entries of a base asset at once. Correlation does not tell cause.",
  problems: ["unknown_symbol"],
  example: { query: { symbol: "BTC" } },
  data: marketStateSchema,
  answer: async (c, { query: { symbol } }) => {
    const config = c.get("config");
    await requireCollected(c, symbol, { history: true });
    const now = c.get("deps").now();
    const time = floorTo(now - STORED_MS, MINUTE_MS);
    const names = config.LIQUIDATION_EXCHANGES;
    const day = { start: time - DAY_MS, end: now };
    const [marks, ranked, correlated, gapRows] = await c.env.DB.batch([
      ...venueRows(c.env.DB, symbol, time, time),
      latestCorrelations(c.env.DB, symbol, now),
      gapsInRange(c.env.DB, names, day),
    ]);
    const markets = venueMarkets(names, time, time, venueRowsOf(marks, ranked));
    const data = {
      symbol,
      time,
      exchanges: Object.fromEntries(markets),
      squeeze: squeezeOf([...markets.values()]),
      correlations: correlationsNow(latestCorrelationsOf(correlated), now),
    };
    const { gaps, truncated } = gapsOf(gapRows);
    return { data, meta: { coverage: coverageOf(config), gaps, gaps_truncated: truncated } };
  },
});

type CorrelationsNow = Frozen<z.output<typeof marketStateSchema>>["correlations"];

/** Correlations that are missing or too old are withheld. */
function correlationsNow(stored: StoredCorrelations | null, now: number): CorrelationsNow {
  const whose = `the ${MAX_BUSIEST_SYMBOLS} base assets with the most USD of the day, or the configured ones, have theirs computed`;
  if (stored === null) {
    const reason = `none were computed yet: once a day, ${whose}`;
    return { status: "withheld", reason, from_time: null, to_time: null, computed_time: null, entries: [] };
  }
  const { correlations, ...times } = stored;
  if (now - stored.to_time <= CORRELATIONS_AGE_MS) return { ...correlations, ...times };
  return { status: "withheld", reason: `the last were computed over 3 days ago: ${whose}`, ...times, entries: [] };
}
