import * as z from "zod";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { type CascadePlace, cascadePage } from "../../d1/cascade-reads.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import type { ApiContext } from "../http/api-env.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "../http/cursor.ts";
import { parameters, requireCollected, requireRange } from "../http/parameters.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { cascadeSchema } from "../schemas/cascade.ts";

const PATH = "/v1/cascades";
const DEFAULT_RANGE_MS = 7 * DAY_MS;

const query = z.strictObject({
  symbol: parameters.symbol.optional(),
  threshold_usd: parameters.usd.meta({ description: "Least USD of the cascade; LIQUIDATION_CASCADE_USD unless told." }).optional(),
  state: z
    .enum(["active", "cooling", "ended"], { error: "one of active, cooling, ended" })
    .meta({ description: "Only cascades in this state." })
    .optional(),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});
type Query = z.output<typeof query>;

const cursorPlace = z.tuple([z.int(), z.int(), z.int(), z.string()]);

/**
 * Cascades that began within the range (7 days unless told) and brought at least `threshold_usd`
 * (LIQUIDATION_CASCADE_USD unless told), the newest first. A running one is as of `updated_time`; one that only builds
 * is not listed.
 */
export const cascadesRoute = jsonOperation({
  path: PATH,
  id: "listCascades",
  tag: "Cascades",
  summary: "Cascades, the newest first",
  query,
  description:
    "Those that began within the range, 7 days unless told. A running one is as of `updated_time`; one that only builds is not listed. The thresholds it was found with stand in `constants`.",
  example: { query: { symbol: "BTC", limit: "5" } },
  data: z.array(cascadeSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) requireCollected(config, asked.symbol);
    const fingerprint = await queryFingerprint(PATH, asked);
    const { range, after } = pageOf(c, asked, fingerprint);
    const filter = { symbol: asked.symbol, state: asked.state, leastUsd: asked.threshold_usd ?? config.LIQUIDATION_CASCADE_USD };
    const [found, gapRows] = await Promise.all([
      cascadePage(c.env.DB, filter, range, after, asked.limit + 1),
      gapsInRange(c.env.DB, config.LIQUIDATION_EXCHANGES, range).run(),
    ]);
    const data = found.slice(0, asked.limit);
    const last = data.at(-1);
    const { gaps, truncated } = gapsOf(gapRows);
    const next_cursor =
      found.length > asked.limit && last !== undefined
        ? encodeCursor(fingerprint, [range.start, range.end, last.start_time, last.cascade_id])
        : null;
    return { data, meta: { count: data.length, next_cursor, coverage: coverageOf(config), gaps, gaps_truncated: truncated } };
  },
});

function pageOf(c: ApiContext, asked: Query, fingerprint: string) {
  if (asked.cursor === undefined) {
    return { range: requireRange(asked, c.get("around").now(), DEFAULT_RANGE_MS), after: null };
  }
  const [start, end, time, id] = decodeCursor(asked.cursor, fingerprint, cursorPlace);
  return { range: { start, end }, after: { time, id } satisfies CascadePlace };
}
