import * as z from "zod";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { cascadeEstimate } from "../../d1/cascade-estimates.ts";
import { cascadePage, storedCascade } from "../../d1/cascade-reads.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { scannedTo } from "../../d1/scan-page.ts";
import { coverageOf, publishingVenues } from "../../../src/exchanges/coverage.ts";
import { openRangePage } from "../http/page.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { ProblemError } from "../http/problem.ts";
import { cascadeForecastRoute } from "./cascade-forecast.ts";
import { cascadeImageRoute } from "./cascade-image.ts";
import { cascadeParams, cascadeSchema, oneCascadeSchema } from "../schemas/cascade.ts";

const PATH = "/v1/cascades";
const DEFAULT_RANGE_MS = 7 * DAY_MS;

const query = z.strictObject({
  symbol: parameters.symbol.optional(),
  side: parameters.side.optional(),
  threshold_usd: parameters.usd.meta({ description: "Minimum USD of the cascade. Default: LIQUIDATION_CASCADE_USD." }).optional(),
  state: z
    .enum(["active", "cooling", "ended"], { error: "must be one of active, cooling, ended" })
    .meta({ description: "State of the cascade." })
    .optional(),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});

/** Cascades of at least `threshold_usd` that began within the range, newest first. */
const listRoute = jsonOperation({
  path: PATH,
  id: "listCascades",
  cost: 3,
  cacheSeconds: 5,
  tag: "Cascades",
  summary: "List cascades",
  query,
  description:
    "Returns cascades that began within the range (default: the last 7 days), newest first. A running cascade shows its state at `updated_time`. A cascade that is still building is not listed. `constants` holds the thresholds it was detected with.",
  example: { query: { symbol: "BTC", limit: "5" } },
  problems: ["unknown_symbol"],
  data: z.array(cascadeSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) await requireCollected(c, asked.symbol, { history: true });
    const page = await openRangePage(PATH, asked, () => requireRange(asked, c.get("deps").now(), DEFAULT_RANGE_MS));
    const { range, after } = page;
    const filter = {
      symbol: asked.symbol,
      side: asked.side,
      state: asked.state,
      minUsd: asked.threshold_usd ?? config.LIQUIDATION_CASCADE_USD,
    };
    const [found, gapRows] = await Promise.all([
      cascadePage(c.env.DB, filter, range, after, page.rowsToRead),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range).run(),
    ]);
    const { rows, next_cursor } = page.close(found.rows, (row) => [row.start_time, row.cascade_id], found.stoppedAt);
    const { gaps, truncated } = gapsOf(gapRows);
    const meta = {
      count: rows.length,
      next_cursor,
      scanned_to: scannedTo(found),
      coverage: coverageOf(config),
      gaps,
      gaps_truncated: truncated,
    };
    return { data: rows, meta };
  },
});

/** One cascade by its id. */
const oneRoute = jsonOperation({
  path: `${PATH}/{id}`,
  id: "getCascade",
  cacheSeconds: 5,
  tag: "Cascades",
  summary: "Get a cascade",
  description:
    "Returns one cascade, of any size and age. Its liquidations are those of its base asset and side from `start_time` to `end_time`; those that came after it was detected name it in `cascade_id`. `estimate` has what all liquidations of its base asset and side in the whole minutes in which it ran are estimated to come to, reported or not: an estimate, with method and status, from some minutes after its end. It is stored with the cascade some two hours after that.",
  params: cascadeParams,
  problems: ["not_found"],
  data: oneCascadeSchema,
  answer: async (c, { params: { id } }) => {
    const cascade = await storedCascade(c.env.DB, id);
    if (cascade === null) throw new ProblemError("not_found", "This cascade does not exist.");
    const config = c.get("config");
    const estimate = await cascadeEstimate(c.env.DB, cascade, c.get("deps").now(), publishingVenues(config));
    return { data: { ...cascade, estimate }, meta: { coverage: coverageOf(config), gaps: cascade.gaps, gaps_truncated: false } };
  },
});

export const cascadeRoutes: readonly Operation[] = [listRoute, cascadeForecastRoute, oneRoute, cascadeImageRoute];
