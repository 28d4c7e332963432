import { refillObjectKey } from "../../src/batch-object.ts";
import { writeLog } from "../../src/log.ts";
import type { Completeness, VenueCompleteness } from "../../src/daily/completeness.ts";
import { sliceKey } from "../../src/daily/daily-keys.ts";
import { type DailyPlan, slicesAtOnce, timeOf } from "../../src/daily/plan.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import { messageOf } from "../../src/message-of.ts";
import { readSomeFields } from "../../src/parquet/decode.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { hex } from "../../src/sha256.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { liquidationPage } from "../d1/liquidation-reads.ts";
import { readBytes } from "../r2/bucket.ts";
import { putBatchFile } from "../sinks/r2.ts";
import { missingVariables } from "../supabase/connection.ts";
import { readLiquidations as readArchive } from "../supabase/read-liquidations.ts";
import type { DayContext } from "./day-context.ts";
import { type Budget, isSpent } from "../../src/work-budgets.ts";

/** As many as the archive returns per request. */
const PAGE_ROWS = 1_000;

/** The rows of a venue in a time range from another store, inferred ones too, page by page. */
type Source = (day: DayContext, exchange: ExchangeName, range: TimeRange) => AsyncIterable<readonly Liquidation[]>;

/** The places that hold the rows of a batch besides the bucket: D1 for the hot ones, the archive for all. */
const SOURCES: readonly Source[] = [hotRows, archivedRows];

/**
 * Stores rows that a day's slices lack again, as batches of their own, from the first place that has any of them.
 * @returns the number of rows stored; 0 where no place has any
 */
export async function refillDay(
  day: DayContext,
  plan: DailyPlan,
  id: string,
  { exchanges }: Completeness,
  budget: Budget,
): Promise<number> {
  const lacking = exchanges.filter(({ missing_rows }) => missing_rows > 0);
  for (const source of SOURCES) {
    let stored = 0;
    for (const venue of lacking) stored += await refillVenue(day, plan, id, venue, source, budget);
    if (stored > 0) return stored;
  }
  return 0;
}

async function refillVenue(
  day: DayContext,
  plan: DailyPlan,
  id: string,
  venue: VenueCompleteness,
  source: Source,
  budget: Budget,
): Promise<number> {
  let stored = 0;
  try {
    for (const [index, slices] of slicesAtOnce(plan.slices).entries()) {
      const range = timeOf(slices);
      if (isSpent(budget)) return stored;
      if (!mayLack(venue, range)) continue;
      const known = await knownIds(day.env.BUCKET, sliceKey(plan.date, id, index, "parquet"));
      budget.objects -= 1;
      for await (const page of source(day, venue.exchange, range)) {
        const lost = page.filter((row) => !known.has(row.event_id));
        budget.objects -= 2;
        if (lost.length === 0) continue;
        await putRefill(day.env.BUCKET, plan.date, venue.exchange, lost);
        stored += lost.length;
      }
    }
  } catch (error) {
    // The day is held and tried again, or published with the number of rows that it lacks.
    writeLog("error", { event: "refill_failed", date: plan.date, exchange: venue.exchange, error: messageOf(error) });
  }
  return stored;
}

/** Where only the journal counted more rows, they may be anywhere in the day. */
function mayLack({ missing_hours }: VenueCompleteness, { start, end }: TimeRange): boolean {
  return missing_hours.length === 0 || missing_hours.some((hour) => hour < end && hour + HOUR_MS > start);
}

const ID_FIELDS = LIQUIDATION_FIELDS.filter(({ name }) => name === "event_id");

async function knownIds(bucket: R2Bucket, key: string): Promise<ReadonlySet<string>> {
  const bytes = await readBytes(bucket, key);
  const rows = bytes.length === 0 ? [] : readSomeFields(ID_FIELDS, bytes);
  return new Set((rows as readonly Pick<Liquidation, "event_id">[]).map((row) => row.event_id));
}

/** The key names the rows, so that a later refill never replaces an earlier one. */
async function putRefill(bucket: R2Bucket, date: string, exchange: ExchangeName, rows: readonly Liquidation[]): Promise<void> {
  const bytes = encodeLiquidations(rows, { metadata: { exchange, refill: true } });
  const digest = hex(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 16);
  await putBatchFile(bucket, { key: refillObjectKey(exchange, date, digest), rows, bytes });
}

async function* hotRows({ env }: DayContext, exchange: ExchangeName, range: TimeRange): AsyncGenerator<readonly Liquidation[]> {
  for (let after: { time: number; id: string } | null = null; ;) {
    const page = { filter: { exchange, inferred: true }, range, order: "asc", after, limit: PAGE_ROWS } as const;
    const { rows } = await liquidationPage(env.DB, page);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = { time: last.event_time, id: last.event_id };
  }
}

async function* archivedRows({ config }: DayContext, exchange: ExchangeName, range: TimeRange): AsyncGenerator<readonly Liquidation[]> {
  if (missingVariables(config).length > 0) return;
  const all = { symbols: null, exchanges: [exchange], side: null, minUsd: null, inferred: true, order: "asc", limit: PAGE_ROWS } as const;
  for (let after: { event_time: number; event_id: string } | null = null; ;) {
    const page = await readArchive(config, { ...range, ...all, after });
    yield page.rows;
    if (page.next === null) return;
    after = page.next;
  }
}
