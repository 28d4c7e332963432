import type { Config } from "../../src/config.ts";
import { summarize } from "../../src/daily/slice-summary.ts";
import { ESTIMATED_TOTAL_FIELDS, type EstimatedTotal } from "../../src/estimates/estimated-total-fields.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { exchanges as venues } from "../../src/exchanges/registry.ts";
import type { Uncovered } from "../../src/exports/export-manifest.ts";
import type { ExportProgress } from "../../src/exports/export-progress.ts";
import { type RowPlace, storeRows } from "../../src/parquet/stored-rows.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type Budget, isSpent } from "../../src/work-budgets.ts";
import { readEstimateReach } from "../d1/estimate-reads.ts";
import { readEstimatedTotals } from "../d1/estimated-totals.ts";
import type { Stores } from "../daily/stores.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import type { ExportRow } from "./export-rows.ts";
import { Pieces, noteSource } from "./pieces.ts";

/** Minutes that are read at once: a few megabytes in a flood. */
const SLICE_MS = 30 * MINUTE_MS;

/** Reads the estimated totals of an export into pieces, until all are read or the budget is spent. */
export async function readEstimatesIntoPieces(
  env: Stores,
  config: Pick<Config, "LIQUIDATION_EXCHANGES">,
  { export_id: id, request }: Pick<ExportRow, "export_id" | "request">,
  progress: ExportProgress,
  budget: Budget,
): Promise<void> {
  loadParquet();
  const pieces = new Pieces<EstimatedTotal & RowPlace>(env.BUCKET, id, request, progress, {
    timeOf: ({ minute }) => minute,
    isWanted: () => true,
    summarize: (rows) => summarize(rows.map((row) => ({ ...row, event_time: row.minute, coverage: venues[row.exchange].coverage }))),
  });
  while (progress.position < request.end && !isSpent(budget)) {
    const start = progress.position;
    const end = Math.min(request.end, floorTo(start, SLICE_MS) + SLICE_MS);
    const { rows, stored, lost } = await readEstimatedTotals(env.DB, { start, end }, request, publishingVenues(config));
    const columns = storeRows(ESTIMATED_TOTAL_FIELDS, rows);
    await pieces.add(rows.map((total, row) => ({ ...total, rows: columns, row })));
    noteLost(progress, lost);
    progress.position = end;
    budget.objects -= 2;
    budget.rows -= rows.length;
    noteSource(progress, start, stored === 0 ? "none" : "d1");
  }
  await pieces.flush();
}

/** Minutes whose events were gone before they could be estimated; those that follow each other as one part. */
function noteLost({ not_covered: parts }: ExportProgress, lost: readonly TimeRange[]): void {
  for (const { start, end } of lost) {
    const last = parts.at(-1);
    if (last?.code === "no_estimates" && last.end === start) parts[parts.length - 1] = { ...last, end };
    else parts.push({ start, end, code: "no_estimates", detail: "These minutes could not be estimated, because their events were gone." });
  }
}

/** The part of a range from before the first minute with an estimate: estimates were deleted, or began later. */
export async function lackingEstimates({ DB }: Pick<Stores, "DB">, { start, end }: TimeRange): Promise<readonly Uncovered[]> {
  const reach = await readEstimateReach(DB);
  if (reach === null) return [{ start, end, code: "no_estimates", detail: "No minute has been estimated yet." }];
  const from = Math.max(reach.from, reach.minutesFrom);
  const detail = `Estimates by minute begin ${new Date(from).toISOString()}: earlier ones were deleted, or never made.`;
  return start < from ? [{ start, end: Math.min(end, from), code: "no_estimates", detail }] : [];
}

/** The end of a range whose minutes are not settled, and so have no estimate yet. Call this before reading them. */
export async function estimatesNotSettled({ DB }: Pick<Stores, "DB">, { start, end }: TimeRange): Promise<readonly Uncovered[]> {
  const reach = await readEstimateReach(DB);
  const from = Math.max(start, reach?.settled ?? end);
  if (from >= end) return [];
  const detail = `Minutes from ${new Date(from).toISOString()} on are not settled: late liquidations still arrive, so they have no estimate yet.`;
  return [{ start: from, end, code: "not_stored_yet", detail }];
}
