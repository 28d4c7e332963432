import * as z from "zod";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { DAY_MS, HOUR_MS, ceilTo, floorTo } from "../../../src/windows/calendar.ts";
import { uptimeSteps } from "../../../src/windows/uptime-steps.ts";
import { contractGapPage } from "../../d1/contract-gap-reads.ts";
import { gapsInRange, gapsOf } from "../../d1/gap-reads.ts";
import { HOURS_KEPT_MS } from "../../../src/windows/kept.ts";
import { jsonOperation } from "../http/json-operation.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";
import { uptimeSchema } from "../schemas/uptime.ts";

const MAX_STEPS = 800;
const MAX_CONTRACT_GAPS = 1_000;

const INTERVALS = {
  "1h": { stepMs: HOUR_MS, usualMs: 7 * DAY_MS },
  "1d": { stepMs: DAY_MS, usualMs: 90 * DAY_MS },
} as const;

/** How much of each hour or day each venue was connected: the rows of a coverage calendar. */
export const coverageRoute = jsonOperation({
  path: "/v1/coverage",
  id: "getCoverage",
  cost: 3,
  cacheSeconds: 30,
  tag: "Status",
  summary: "Get uptime by venue and hour or day",
  query: z.strictObject({
    interval: z
      .enum(["1h", "1d"], { error: "one of 1h, 1d" })
      .meta({ description: "Length of a step; hours and days start in UTC." })
      .default("1h"),
    start: parameters.start.optional(),
    end: parameters.end.optional(),
  }),
  description:
    "Returns the share of each hour or day in which each venue was connected. The range is widened to whole steps, at most 800; its default length is 7 days for hours and 90 days for days. Time before the first connection to a venue counts as not connected. A contract whose subscription a connected venue refuses, or a base asset that is silent for longer than the other venues explain, does not lower the venue's uptime; it is in `contract_gaps`. Uptime is not completeness: `meta.coverage` states which share of its liquidations each venue publishes at all.",
  example: { query: { interval: "1h" } },
  data: uptimeSchema,
  answer: async (c, { query: asked }) => {
    const config = c.get("config");
    const now = c.get("deps").now();
    const { stepMs, usualMs } = INTERVALS[asked.interval];
    const wanted = requireRange(asked, now, usualMs);
    const range = { start: floorTo(wanted.start, stepMs), end: ceilTo(wanted.end, stepMs) };
    if ((range.end - range.start) / stepMs > MAX_STEPS) {
      throw badParameters([{ parameter: "start", detail: `the range has more than ${MAX_STEPS} steps of ${asked.interval}` }]);
    }
    const publishing = config.LIQUIDATION_EXCHANGES.filter((name) => exchanges[name].coverage !== "none");
    const [found, contractGaps] = await Promise.all([
      gapsInRange(c.env.DB, publishing, range).run(),
      contractGapPage(c.env.DB, { exchanges: publishing, reason: null }, range, null, MAX_CONTRACT_GAPS),
    ]);
    const { gaps, truncated } = gapsOf(found);
    const knownFrom = Math.max(now - HOURS_KEPT_MS, truncated ? (gaps[0]?.from_time ?? 0) : 0);
    const shares = publishing.map((name) => [name, uptimeSteps(gaps, name, range, stepMs, now, knownFrom)]);
    const data = {
      interval: asked.interval,
      start_time: range.start,
      end_time: range.end,
      step_ms: stepMs,
      exchanges: Object.fromEntries(shares),
      contract_gaps: contractGaps,
    };
    return { data, meta: { coverage: coverageOf(config), gaps_truncated: truncated } };
  },
});
