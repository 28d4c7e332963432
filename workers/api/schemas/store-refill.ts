import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { type FeedRefill, REFILLABLE_STORES } from "../../../src/refill.ts";
import type { SkippedObject, StoreRefill } from "../../d1/store-refills.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const store = z.enum(REFILLABLE_STORES).meta({ description: "Store that is filled again." });
const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });

const time = (description: string, example: number) =>
  timeMs.meta({ description: `${description}, milliseconds since 1970 UTC.`, examples: [example] });

const feedRefill = z
  .object({
    exchange: z.enum(EXCHANGES),
    batches: count("Number of batches that the feed sends again.", 310),
    rows: count("Number of rows in those batches.", 4_812),
    journal_from_time: timeMs.meta({
      description: "Time from which on the journal of the feed has every event, milliseconds since 1970 UTC.",
    }),
  } satisfies FieldsOf<FeedRefill>)
  .meta({ id: "FeedRefill", description: "Batches that a feed sends again from its journal, at its next alarms." });

const skippedObject = z
  .object({
    key: z.string().meta({ description: "Key of the object in R2.", examples: ["daily/liquidation_20261121.parquet"] }),
    reason: z.string().meta({ description: "Reason why it could not be read.", examples: ["the file does not end in PAR1"] }),
  } satisfies FieldsOf<SkippedObject>)
  .meta({ id: "SkippedObject", description: "A batch, a daily file or what describes one, which a refill went on without." });

export const storeRefillSchema = z
  .object({
    store,
    start_time: time("Start of the range of event times, inclusive", 1_795_219_200_000),
    end_time: time("End of the range of event times, exclusive", 1_795_305_600_000),
    done_until: time("Time before which every event is written", 1_795_262_400_000),
    rows: count("Number of rows written so far, whether the store had them or not.", 18_204),
    refused: count("Number of rows that the store rejected.", 0),
    created_time: time("Time of the request", 1_795_392_000_000),
    finished_time: timeMs
      .nullable()
      .meta({ description: "Time at which it was finished, milliseconds since 1970 UTC; null until then.", examples: [null] }),
    error: z
      .string()
      .nullable()
      .meta({
        description: "Reason why the last attempt stopped; it goes on in the next minute. Null where it did not.",
        examples: [null],
      }),
    failing_since: timeMs.nullable().meta({
      description: "Time since which no attempt got on, milliseconds since 1970 UTC; null where the last one did.",
      examples: [null],
    }),
    objects_skipped: count("Number of batches and daily files that could not be read; the store lacks rows that only they have.", 1),
    skipped: z.array(skippedObject).meta({ description: "Objects that could not be read." }),
  } satisfies FieldsOf<StoreRefill>)
  .meta({
    id: "StoreRefill",
    description: "A store that is filled again from batches and daily files, once a minute until it is finished.",
  });

export const startedRefillSchema = z
  .object({
    store,
    feeds: z.array(feedRefill).meta({ description: "Rows that each feed sends again from its journal." }),
    files: storeRefillSchema
      .nullable()
      .meta({ description: "Refill of what is older than the journals; null where they have everything." }),
  })
  .meta({ id: "StartedRefill", description: "A refill that has begun." });
