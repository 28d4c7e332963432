import * as z from "zod";
import type { Coverage, Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { hotEventsFrom } from "../../d1/hot-events.ts";
import { type LiquidationPlace, largestPage } from "../../d1/liquidation-reads.ts";
import type { Answer } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";
import { type Archive, archiveOf, span } from "../../supabase/archive.ts";
import { nothingCovered } from "../http/archive-problem.ts";
import { archiveBehind } from "./archive-behind.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { isPossibleRange, openPage, placeName, placeTime } from "../http/page.ts";
import { readLiquidationPage } from "./liquidation-pages.ts";
import { scannedTo } from "../../d1/scan-page.ts";
import { requireCollected } from "../http/collected.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { ARCHIVE_PROBLEMS, badParameters } from "../http/problem.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { liquidationSchema } from "../schemas/liquidation.ts";

const PATH = "/v1/liquidations";

const query = z.strictObject({
  symbol: parameters.symbol.optional(),
  exchange: parameters.exchange.optional(),
  side: parameters.side.optional(),
  min_usd: parameters.usd
    .meta({ description: "Minimum `usd_value`. Any value, even 0, excludes events whose `usd_value` is null." })
    .optional(),
  include: parameters.include.optional(),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  sort: z
    .enum(["time", "usd"], { error: "must be one of time, usd" })
    .meta({
      description:
        "Field that `order` sorts by: `event_time` or `usd_value`. By usd_value only the events held in D1 are returned, and none of unknown value; where more than 300 are in question, only those of at least 10,000 USD.",
    })
    .default("time"),
  order: parameters.order.meta({ description: "Direction: desc returns the newest or the largest first." }).default("desc"),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});
type Query = z.output<typeof query>;

/**
 * A cursor holds the range and the border between the stores as of the first page, so that later pages use the same ones.
 */
const cursorPlace = z
  .tuple([placeTime, placeTime, placeTime, placeTime, placeName])
  .refine(([start, end, border, time]) => isPossibleRange(start, end) && start <= border && border <= end && start <= time && time < end);

interface PagePlace {
  readonly range: TimeRange;
  /** Events before this time come from the archive, the others from D1. */
  readonly border: number;
  /** The last event of the previous page. */
  readonly after: LiquidationPlace | null;
}

/** Liquidation events, page by page. */
export const liquidationsRoute = jsonOperation({
  path: PATH,
  id: "listLiquidations",
  cost: 3,
  cacheSeconds: 5,
  tag: "Liquidations",
  summary: "List liquidations",
  query,
  description:
    "Returns liquidations ordered by `event_time` and then `event_id` (default: the last 24 h), or with `sort=usd` by `usd_value`. Pages miss and repeat nothing while new rows arrive. Events older than `LIQUIDATION_LOCAL_RETENTION_HOURS` come from the archive (Supabase). If the archive is not available, `meta.not_covered` names the missing part of the range; if the whole range is missing, the response is a problem. Venues report only what `coverage` states, so counts and sums are lower bounds. Inferred liquidations are excluded by default. Where hardly any liquidation passes the filters, a page may hold fewer than `limit` items, or none, and still have a `next_cursor`: `meta.scanned_to` says how far it searched.",
  problems: ["unknown_symbol", ...ARCHIVE_PROBLEMS],
  example: { query: { symbol: "BTC", limit: "2" } },
  data: z.array(liquidationSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    if (asked.symbol !== undefined) await requireCollected(c, asked.symbol, { history: true });
    if (asked.sort === "usd") return largest(c, asked);
    const archive = archiveOf(config, c.get("deps").now());
    const page = await openPage(PATH, asked, cursorPlace);
    const { range, border, after } = await placeOf(c, asked, archive, page.after);
    const behind = range.start < border ? await archiveBehind(c, { start: range.start, end: Math.min(border, range.end) }) : null;
    const { symbol, exchange, side, min_usd: minUsd, include, order } = asked;
    const filter = { symbol, exchange, side, minUsd, inferred: include === "inferred" };
    const venues = exchange === undefined ? config.LIQUIDATION_EXCHANGES : [exchange];
    const [found, gapRows] = await Promise.all([
      readLiquidationPage(c.env.DB, config, { filter, range, order, after, limit: page.rowsToRead }, border),
      gapsInRange(c.env.DB, venues, range).run(),
    ]);
    const { rows: data, next_cursor } = page.close(
      found.rows,
      (last) => [range.start, range.end, border, last.event_time, last.event_id],
      found.stoppedAt === null ? null : [range.start, range.end, border, ...found.stoppedAt],
    );
    const { gaps, truncated } = gapsOf(gapRows);
    const meta = {
      count: data.length,
      next_cursor,
      scanned_to: scannedTo(found),
      coverage: {
        ...coverageOf(config, exchange === undefined ? data.map((row) => row.exchange) : venues),
        ...inferredVenues(data),
      },
      gaps,
      gaps_truncated: truncated,
      not_covered:
        asked.start !== undefined && asked.start < range.start ? archive.notCovered({ start: asked.start, end: range.start }) : behind,
    };
    return { data, meta };
  },
});

/** More than any venue accepts as the value of one liquidation. */
const MAX_USD = 1e14;

const largestPlace = z
  .tuple([placeTime, placeTime, z.number().min(0).max(MAX_USD), placeName])
  .refine(([start, end]) => isPossibleRange(start, end));

/** Events by value. Only D1 has them in that order, so the range ends where its events begin. */
async function largest(c: ApiContext, asked: Query): Promise<Answer<readonly Liquidation[]>> {
  const config = c.get("config");
  const page = await openPage(PATH, asked, largestPlace);
  const now = c.get("deps").now();
  const hotFrom = Math.max(now - config.LIQUIDATION_LOCAL_RETENTION_HOURS * HOUR_MS, await hotEventsFrom(c.env.DB));
  const range = page.after === null ? requireRange(asked, now, now - hotFrom) : { start: page.after[0], end: page.after[1] };
  if (range.end <= hotFrom) {
    const hours = config.LIQUIDATION_LOCAL_RETENTION_HOURS;
    throw badParameters([{ parameter: "sort", detail: `must be time for ranges that ended more than ${hours} hours ago` }]);
  }
  const start = Math.max(range.start, hotFrom);
  const { symbol, exchange, side, min_usd: minUsd, include, order } = asked;
  const filter = { symbol, exchange, side, minUsd, inferred: include === "inferred" };
  const after = page.after === null ? null : { usd: page.after[2], id: page.after[3] };
  const venues = exchange === undefined ? config.LIQUIDATION_EXCHANGES : [exchange];
  const hot = { start, end: range.end };
  const [found, gapRows] = await Promise.all([
    largestPage(c.env.DB, { filter, range: hot, order, after, limit: page.rowsToRead }),
    gapsInRange(c.env.DB, venues, hot).run(),
  ]);
  const { rows: data, next_cursor } = page.close(
    found.rows,
    (last) => [start, range.end, last.usd_value ?? 0, last.event_id],
    found.stoppedAt === null ? null : [start, range.end, ...found.stoppedAt],
  );
  const { gaps, truncated } = gapsOf(gapRows);
  const missed = { start: range.start, end: start };
  const detail = `Sorted by usd_value, only the events in D1 are returned, and it no longer holds those ${span(missed)}.`;
  return {
    data,
    meta: {
      count: data.length,
      next_cursor,
      scanned_to: scannedTo(found),
      coverage: { ...coverageOf(config, exchange === undefined ? data.map((row) => row.exchange) : venues), ...inferredVenues(data) },
      gaps,
      gaps_truncated: truncated,
      not_covered: missed.start < missed.end && after === null ? { ...missed, code: "archive_not_sorted", detail } : null,
    },
  };
}

/** Venues with inferred rows: the coverage of their feed does not describe those rows. */
function inferredVenues(rows: readonly Liquidation[]): Readonly<Record<string, Coverage>> {
  return Object.fromEntries(rows.filter((row) => row.coverage === "inferred").map((row) => [row.exchange, row.coverage]));
}

async function placeOf(c: ApiContext, asked: Query, archive: Archive, place: z.output<typeof cursorPlace> | null): Promise<PagePlace> {
  const kept = await hotEventsFrom(c.env.DB);
  if (place !== null) {
    const [start, end, border, time, id] = place;
    if (border < kept && !archive.isOn) {
      throw badParameters([{ parameter: "cursor", detail: "is too old: rows of its range were deleted; start again without a cursor" }]);
    }
    return { range: { start, end }, border: Math.min(end, Math.max(border, kept)), after: { time, id } };
  }
  const now = c.get("deps").now();
  const promised = c.get("config").LIQUIDATION_LOCAL_RETENTION_HOURS * HOUR_MS;
  const range = requireRange(asked, now, promised);
  const hotFrom = Math.max(now - promised, kept);
  const from = archive.answersFrom(hotFrom);
  if (range.end <= from) throw nothingCovered(archive, range);
  const start = Math.max(range.start, from);
  return { range: { start, end: range.end }, border: Math.max(start, Math.min(hotFrom, range.end)), after: null };
}
