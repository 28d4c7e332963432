import * as z from "zod";
import type { Liquidation } from "../../src/liquidation.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { hotEventsFrom } from "../d1/hot-events.ts";
import { type LiquidationPlace, liquidationPage, liquidationsOf } from "../d1/liquidation-reads.ts";
import type { ApiContext } from "./api-env.ts";
import { archiveOff } from "./archive-off.ts";
import { coverageOf } from "./coverage.ts";
import { decodeCursor, encodeCursor, queryFingerprint } from "./cursor.ts";
import { parameters, requireCollected, requireRange } from "./parameters.ts";
import { ProblemError, badParameters } from "./problem.ts";
import { readRoute } from "./read-route.ts";

const PATH = "/v1/liquidations";

const query = z.strictObject({
  symbol: parameters.symbol.optional(),
  exchange: parameters.exchange.optional(),
  side: parameters.side.optional(),
  min_usd: parameters.usd.optional(),
  start: parameters.time.optional(),
  end: parameters.time.optional(),
  order: parameters.order.default("desc"),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});
type Query = z.output<typeof query>;

/** A cursor holds the range as it was when the first page was asked for, so that later pages go on in the same one. */
const cursorPlace = z.tuple([z.int(), z.int(), z.int(), z.string()]);

/** The events themselves, page by page. */
export const liquidationsRoute = readRoute({
  path: PATH,
  query,
  answer: async (c, asked: Query) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) requireCollected(config, asked.symbol);
    const fingerprint = await queryFingerprint(PATH, asked);
    const { range, after } = await pageOf(c, asked, fingerprint);
    const { symbol, exchange, side, min_usd: minUsd, order, limit } = asked;
    const venues = exchange === undefined ? config.LIQUIDATION_EXCHANGES : [exchange];
    const [page, gapRows] = await c.env.DB.batch([
      liquidationPage(c.env.DB, { filter: { symbol, exchange, side, minUsd }, range, order, after, limit: limit + 1 }),
      gapsInRange(c.env.DB, venues, range),
    ]);
    const found = liquidationsOf(page);
    const data = found.slice(0, limit);
    const { gaps, truncated } = gapsOf(gapRows);
    const meta = {
      count: data.length,
      next_cursor: found.length > limit ? cursorAfter(data.at(-1), range, fingerprint) : null,
      coverage: coverageOf(config, exchange === undefined ? data.map((row) => row.exchange) : venues),
      gaps,
      gaps_truncated: truncated,
      not_covered: asked.start !== undefined && asked.start < range.start ? archiveOff({ start: asked.start, end: range.start }) : null,
    };
    return { data, meta };
  },
});

/** The range of the page asked for, within the hot events, and the place after which it begins. */
async function pageOf(
  c: ApiContext,
  asked: Query,
  fingerprint: string,
): Promise<{ readonly range: TimeRange; readonly after: LiquidationPlace | null }> {
  const kept = await hotEventsFrom(c.env.DB);
  if (asked.cursor !== undefined) {
    const [start, end, time, id] = decodeCursor(asked.cursor, fingerprint, cursorPlace);
    if (start < kept) throw badParameters([{ parameter: "cursor", detail: "too old: rows of its range are no longer here; begin again" }]);
    return { range: { start, end }, after: { time, id } };
  }
  const now = c.get("around").now();
  const promised = c.get("config").LIQUIDATION_LOCAL_RETENTION_HOURS * HOUR_MS;
  const range = requireRange(asked, now, promised);
  const hotFrom = Math.max(now - promised, kept);
  if (range.end <= hotFrom) throw new ProblemError("archive_off", archiveOff(range).detail);
  return { range: { start: Math.max(range.start, hotFrom), end: range.end }, after: null };
}

function cursorAfter(last: Liquidation | undefined, range: TimeRange, fingerprint: string): string | null {
  return last === undefined ? null : encodeCursor(fingerprint, [range.start, range.end, last.event_time, last.event_id]);
}
