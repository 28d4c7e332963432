import { z } from "zod";
import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { DAY_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { licence } from "../licence.ts";
import { datedGap } from "./manifest.ts";
import type { MarkSummary } from "./mark-summary.ts";

const DAY_MINUTES = DAY_MS / MINUTE_MS;
/** The maximum length of a venue's list of stretches without a mark. */
const MAX_STRETCHES = 100;

const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const time = z.int().meta({ examples: [1_795_170_000_000] });

const venueMinutes = z
  .object({
    rows: count("Number of marks of the venue.", 4_298),
    symbols: z
      .record(z.string(), z.int())
      .meta({ description: "Number of minutes with a mark, by base asset.", examples: [{ BTC: 1_438, ETH: 1_430, SOL: 1_430 }] }),
    symbols_without_marks: z.array(z.string()).meta({
      description: "Base assets that are collected, that the venue lists as trading, and that have no mark on the day.",
      examples: [[]],
    }),
    minutes_expected: count(
      "Number of minutes expected: 1,440 for each base asset with a mark on the day or in `symbols_without_marks`.",
      4_320,
    ),
    minutes_missing: count("Number of expected minutes without a mark.", 22),
    without_marks: z
      .array(z.object({ from_time: time, to_time: time.meta({ examples: [1_795_170_060_000] }) }))
      .meta({ description: "Stretches of minutes without a mark of any base asset, oldest first; the first 100." }),
    without_marks_truncated: z.boolean().meta({ description: "True where there are more such stretches.", examples: [false] }),
  })
  .readonly();

/**
 * The contents of a daily file of minute marks. The file is written before its manifest, so it is valid only if its
 * SHA-256 equals the one in the manifest.
 */
export const markManifest = z
  .object({
    kind: z.literal("minute_marks"),
    date: z.iso.date(),
    file: z.string(),
    bytes: count("Size of the file in bytes.", 912_640),
    /** SHA-256 of the file, hexadecimal. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    schema_version: count("Version of the list of fields.", 1),
    rows: count("Number of marks; 0 for a day without any.", 17_190),
    first_minute: z
      .int()
      .nullable()
      .meta({ description: "First minute with a mark, milliseconds since 1970 UTC; null without rows.", examples: [1_795_132_800_000] }),
    last_minute: z
      .int()
      .nullable()
      .meta({ description: "Last minute with a mark, milliseconds since 1970 UTC; null without rows.", examples: [1_795_219_140_000] }),
    exchanges: z
      .partialRecord(z.enum(EXCHANGES), venueMinutes)
      .meta({ description: "The minutes of each venue that is collected or has a mark: how many, and what is missing." }),
    minutes_missing: count("Number of expected minutes without a mark, of all venues.", 90),
    /** Periods of the day in which a venue was not connected, with their full length where they extend beyond the day. */
    gaps: z.array(datedGap),
    /** True where the list omits the oldest gaps because there are too many. */
    gaps_truncated: z.boolean(),
    quarantined: z
      .array(z.object({ key: z.string(), reason: z.string() }))
      .meta({ description: "Earlier files of the day that could not be read. What only they held is missing.", examples: [[]] }),
    licence: licence
      .nullable()
      .default(null)
      .meta({ description: "Terms of the data when the file was made; null where the operator stated none.", examples: [null] }),
    created_time: z
      .int()
      .meta({ description: "Time at which the file was planned, milliseconds since 1970 UTC.", examples: [1_795_220_100_000] }),
    row_group_rows: z.array(z.int()),
    /** Number of rows by time, in the order of the file, to find where a part of the day begins. */
    slices: z.array(z.object({ from_time: z.int(), to_time: z.int(), rows: z.int() })),
  })
  .readonly();

export type MarkManifest = z.output<typeof markManifest>;
type VenueMinutes = z.output<typeof venueMinutes>;

/**
 * What each venue has of a day and what is missing.
 * @param listed base assets that each collected venue lists as trading
 */
export function minutesByVenue(
  dayStart: number,
  { exchanges }: Pick<MarkSummary, "exchanges">,
  listed: ReadonlyMap<ExchangeName, readonly string[]>,
): Partial<Record<ExchangeName, VenueMinutes>> {
  const venues = EXCHANGES.flatMap((exchange) => {
    const marks = exchanges[exchange];
    if (marks === undefined && !listed.has(exchange)) return [];
    return [[exchange, venueMinutesOf(dayStart, marks, listed.get(exchange) ?? [])] as const];
  });
  return Object.fromEntries(venues);
}

function venueMinutesOf(dayStart: number, marks: MarkSummary["exchanges"][ExchangeName], listed: readonly string[]): VenueMinutes {
  const { minutes = {}, covered = [] } = marks ?? {};
  const rows = Object.values(minutes).reduce((sum, own) => sum + own, 0);
  const missing = listed.filter((symbol) => minutes[symbol] === undefined).toSorted();
  const expected = DAY_MINUTES * (Object.keys(minutes).length + missing.length);
  const stretches = complement({ start: dayStart, end: dayStart + DAY_MS }, covered);
  return {
    rows,
    symbols: minutes,
    symbols_without_marks: missing,
    minutes_expected: expected,
    minutes_missing: expected - rows,
    without_marks: stretches.slice(0, MAX_STRETCHES).map(({ start, end }) => ({ from_time: start, to_time: end })),
    without_marks_truncated: stretches.length > MAX_STRETCHES,
  };
}

/** The parts of a range outside the given ranges, which are in order and do not overlap. */
function complement({ start, end }: TimeRange, covered: readonly TimeRange[]): readonly TimeRange[] {
  const starts = [start, ...covered.map((one) => one.end)];
  const ends = [...covered.map((one) => one.start), end];
  return starts.flatMap((from, index) => {
    const to = ends[index] ?? end;
    return from < to ? [{ start: from, end: to }] : [];
  });
}
