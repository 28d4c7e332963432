import * as z from "zod";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { cascadePage } from "../../d1/cascade-reads.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { openRangePage } from "../http/page.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { cascadeSchema } from "../schemas/cascade.ts";

const PATH = "/v1/cascades";
const DEFAULT_RANGE_MS = 7 * DAY_MS;

const query = z.strictObject({
  symbol: parameters.symbol.optional(),
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
export const cascadesRoute = jsonOperation({
  path: PATH,
  id: "listCascades",
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
    const filter = { symbol: asked.symbol, state: asked.state, minUsd: asked.threshold_usd ?? config.LIQUIDATION_CASCADE_USD };
    const [found, gapRows] = await Promise.all([
      cascadePage(c.env.DB, filter, range, after, page.rowsToRead),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range).run(),
    ]);
    const { rows, next_cursor } = page.close(found, (row) => [row.start_time, row.cascade_id]);
    const { gaps, truncated } = gapsOf(gapRows);
    return { data: rows, meta: { count: rows.length, next_cursor, coverage: coverageOf(config), gaps, gaps_truncated: truncated } };
  },
});
