import * as z from "zod";
import { GAP_REASONS } from "../../../src/gap.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { contractGapPage, gapName } from "../../d1/contract-gap-reads.ts";
import { gapPage } from "../../d1/gap-reads.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { openRangePage } from "../http/page.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { listedGapSchema } from "../schemas/listed-gap.ts";

const PATH = "/v1/gaps";
const DEFAULT_RANGE_MS = 7 * DAY_MS;

const query = z.strictObject({
  exchange: parameters.exchange.optional(),
  reason: z
    .enum(GAP_REASONS, { error: `one of ${GAP_REASONS.join(", ")}` })
    .meta({ description: "Reason of the gaps." })
    .optional(),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});

/** Gaps of venues, of single contracts and of single base assets that overlap the range, newest first, page by page. */
export const gapsRoute = jsonOperation({
  path: PATH,
  id: "listGaps",
  cost: 2,
  cacheSeconds: 10,
  tag: "Status",
  summary: "List gaps",
  query,
  description:
    "Returns the periods in which a venue was not connected (default: the last 7 days), newest first. A gap with a `contract` is that of a single contract, whose subscription the venue refuses or does not confirm while it is connected. One with a `symbol` is that of a single base asset, of which a venue that delivers others sent none for longer than the other venues explain. A gap that extends beyond the range is returned with its full length. Gaps are kept for 400 days. A sum over a gap is a lower bound: the venue may have liquidated positions that nobody recorded.",
  example: { query: { exchange: "okx", limit: "5" } },
  data: z.array(listedGapSchema),
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    const page = await openRangePage(PATH, asked, () => requireRange(asked, c.get("deps").now(), DEFAULT_RANGE_MS));
    const { range, after } = page;
    const exchanges = asked.exchange === undefined ? config.LIQUIDATION_EXCHANGES : [asked.exchange];
    const reason = asked.reason ?? null;
    const [ofVenues, ofContracts] = await Promise.all([
      gapPage(c.env.DB, { exchanges, reason }, range, after, page.rowsToRead),
      reason === null || reason === "not_subscribed" || reason === "suspect"
        ? contractGapPage(c.env.DB, { exchanges, reason }, range, after, page.rowsToRead)
        : [],
    ]);
    const found = [...ofVenues, ...ofContracts].toSorted((a, b) => b.from_time - a.from_time || (gapName(a) < gapName(b) ? 1 : -1));
    const { rows, next_cursor } = page.close(found.slice(0, page.rowsToRead), (row) => [row.from_time, gapName(row)]);
    return { data: rows, meta: { count: rows.length, next_cursor, coverage: coverageOf(config) } };
  },
});
