import * as z from "zod";
import { EXCHANGES, COVERAGES, POSITION_SIDES } from "../../../../src/liquidation-fields.ts";
import { CHANNELS, type StreamFilter } from "../../../../src/stream/filter.ts";
import type { Hello, MatchedContracts, SideSum, Snapshot, StreamVenue, SymbolTotals, Totals } from "../../../../src/stream/frames.ts";
import { gapSchema, timeMs } from "../../http/answer.ts";
import { cascadeRecordSchema } from "../cascade.ts";
import type { FieldsOf } from "../fields-of.ts";

/** What a stream begins with, and the totals. */

export const frameId = z
  .string()
  .regex(/^[a-z0-9]{6,16}-\d+$/)
  .meta({ description: "Place in the stream, for last_event_id.", examples: ["mif3k2a9-1048"] });

export const placeId = frameId.nullable().meta({
  description: "Place in the stream, for last_event_id; null while a replay sends stored events: cut there, it has to start again.",
});

const list = <Item extends z.ZodType>(item: Item, description: string) => z.array(item).nullable().meta({ description });

export const filterSchema = z
  .object({
    channels: z.array(z.enum(CHANNELS)).meta({ description: "Frame types." }),
    symbols: list(z.string(), "Base assets; null for all."),
    exchanges: list(z.enum(EXCHANGES), "Venues; null for all."),
    side: z.enum(POSITION_SIDES).nullable().meta({ description: "Side of the closed positions; null for both." }),
    min_usd: z.number().nullable().meta({ description: "Minimum usd_value of liquidations; null for all." }),
    inferred: z.boolean().meta({ description: "True where liquidations that no venue reported are included." }),
  } satisfies FieldsOf<StreamFilter>)
  .meta({ id: "StreamFilter", description: "Filter of a subscription." });

const venueSchema = z
  .object({
    exchange: z.enum(EXCHANGES),
    state: z
      .enum(["live", "degraded", "stale", "connecting", "blocked", "off"])
      .nullable()
      .meta({ description: "State of the feed, as in the status; null before it has reported." }),
    since: timeMs.nullable().meta({ description: "Start of the state, milliseconds since 1970 UTC." }),
    coverage: z.enum(COVERAGES).meta({ description: "Share of its liquidations that the venue's feed carries." }),
    inferred: z.boolean().meta({ description: "True where liquidations are inferred from its market data." }),
    open_gap: gapSchema.nullable().meta({ description: "The gap that lasts; null where the venue is connected." }),
  } satisfies FieldsOf<StreamVenue>)
  .meta({ id: "StreamVenue", description: "A venue as the stream knows it." });

const contractsSchema = z
  .object({
    exchange: z.enum(EXCHANGES),
    symbol: z.string().meta({ description: "Base asset." }),
    instruments: z.array(z.string()).meta({ description: "The venue's names of its trading contracts." }),
  } satisfies FieldsOf<MatchedContracts>)
  .meta({ id: "MatchedContracts", description: "Contracts that liquidations can come of." });

export const helloSchema = z
  .object({
    type: z.literal("hello"),
    id: placeId,
    time: timeMs.meta({ description: "Time of the server, milliseconds since 1970 UTC." }),
    filter: filterSchema,
    resumed: z.enum(["none", "complete", "partial", "expired"]).meta({
      description:
        "none: the stream begins now. complete: every frame since the given id follows. partial: the log no longer reaches back to it; a gap frame says what is missing. expired: the id is of a log that was lost.",
    }),
    replay: z.boolean().meta({ description: "True where a replay precedes the live frames." }),
    venues: z.array(venueSchema),
    instruments: z.array(contractsSchema).nullable().meta({ description: "Contracts that match; null before a venue has reported them." }),
    instruments_count: z.int().nullable().meta({ description: "Number of contracts that match; the list ends at 500." }),
    notices: z.array(z.string()).meta({ description: "Requested data that cannot come now, one sentence each." }),
    beat_ms: z.int().meta({ description: "Time between two beats, ms." }),
  } satisfies FieldsOf<Hello>)
  .meta({ id: "HelloFrame", description: "The first frame: the request as understood, and what will and will not come." });

const sideSum = z
  .object({
    events: z.int().meta({ description: "Number of liquidations." }),
    usd: z.number().meta({ description: "Sum of flow USD." }),
  } satisfies FieldsOf<SideSum>)
  .meta({ id: "SideSum" });
const span = z.object({
  start_time: timeMs.meta({ description: "Start, milliseconds since 1970 UTC." }),
  long: sideSum,
  short: sideSum,
});

const symbolTotalsSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset." }),
    minute: span.meta({ description: "The running minute." }),
    window_15m: span.meta({ description: "The last 15 minutes." }),
  } satisfies FieldsOf<SymbolTotals>)
  .meta({ id: "SymbolTotals", description: "Sums over all venues by event time: lower bounds, as venues do not report everything." });

export const snapshotSchema = z
  .object({
    type: z.literal("snapshot"),
    time: timeMs,
    through: timeMs.nullable().meta({
      description:
        "Every liquidation that the connected venues reported before this time is in the sums; null where no venue is connected.",
    }),
    cascades: z.array(cascadeRecordSchema).meta({ description: "The running cascades." }),
    totals: z.array(symbolTotalsSchema),
    venues: z.array(venueSchema),
  } satisfies FieldsOf<Snapshot>)
  .meta({
    id: "SnapshotFrame",
    description: "State at the beginning of the stream. It contains no liquidations: each is a frame of its own.",
  });

export const totalsSchema = z
  .object({ type: z.literal("totals"), time: timeMs, data: z.array(symbolTotalsSchema) } satisfies FieldsOf<Totals>)
  .meta({ id: "TotalsFrame", description: "The totals of all base assets of the filter, at most once a second." });
