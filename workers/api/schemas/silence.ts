import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { type AssetSilenceReport, SILENCE_STATES, type SilenceReport } from "../../../src/silence/silence-report.ts";
import type { SilenceRecord } from "../../../src/silence/silence-record.ts";
import { CLEARED_REASONS } from "../../../src/webhooks/event.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

export const silenceProbability = z.number().meta({
  description:
    "At most so many of the days on which a venue delivers have a silence that is as surprising, 0 to 1, however often it is looked at; it is suspect under 0.001. For a base asset: of the days on which all base assets that are judged are delivered.",
  examples: [0.000_4],
});

const shown = {
  state: z.enum(SILENCE_STATES).meta({
    description:
      "State of the silence. suspect: the venue is connected, but silent for longer than the activity of the others explains, as a whole or in this base asset, so its time is a gap until a liquidation arrives. watched: the silence is explained. withheld: nothing is said of it, for the stated reason.",
    examples: ["watched"],
  }),
  reason: z
    .string()
    .nullable()
    .meta({
      description: "Reason why nothing is said of the silence; null where it is watched or suspect.",
      examples: [null],
    }),
  silent_since: timeMs.nullable().meta({
    description:
      "Start of the minute with which its silence began, milliseconds since 1970 UTC; null where the last minute had liquidations.",
  }),
  silent_minutes: z.int().meta({ description: "Number of minutes of the silence that count as evidence.", examples: [2] }),
  silence_probability: silenceProbability.nullable().meta({
    description:
      "At most so many of the days on which the venue delivers have a silence that is as surprising, 0 to 1, however often it is looked at; suspect under 0.001; null where nothing is said of it. For a base asset: of the days on which all base assets that are judged are delivered.",
    examples: [1],
  }),
  others_events: z.int().meta({ description: "Number of liquidations of the other venues in the silence.", examples: [14] }),
  suspect_time: timeMs.nullable().meta({
    description: "Time at which the silence became suspect, milliseconds since 1970 UTC; null while it is not.",
    examples: [null],
  }),
  fitted_time: timeMs
    .nullable()
    .meta({ description: "Time at which the model was fitted, milliseconds since 1970 UTC; null before the first attempt." }),
  fitted_minutes: z.int().meta({ description: "Number of known minutes that it was fitted on.", examples: [19_870] }),
  events_per_minute: z
    .number()
    .nullable()
    .meta({ description: "Average number of liquidations a minute in them; null where nothing is said of the silence.", examples: [4.2] }),
};

const assetSilenceSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    ...shown,
  } satisfies FieldsOf<AssetSilenceReport>)
  .meta({
    id: "AssetSilence",
    description:
      "Whether the silence of one base asset, on a venue that delivers others, is explained by the same asset on the other venues.",
  });

export const silenceSchema = z
  .object({
    exchange: z.enum(EXCHANGES),
    ...shown,
    assets: z.array(assetSilenceSchema).meta({
      description:
        "The silence of each base asset that is judged: of the 8 with the most liquidations over all venues, those with at least 0.25 a minute on the venue. It is judged only while the venue delivers other assets.",
    }),
  } satisfies FieldsOf<SilenceReport>)
  .meta({ id: "VenueSilence", description: "Silence of a venue, judged by the activity of the others." });

export const silentSymbol = z
  .string()
  .nullable()
  .meta({
    description: "Base asset that is silent on a venue that delivers others; null where the venue is silent as a whole.",
    examples: [null, "BTC"],
  });

export const silentSince = timeMs.meta({ description: "Start of the silence, milliseconds since 1970 UTC." });
export const othersEvents = z.int().meta({ description: "Number of liquidations of the other venues in the silence.", examples: [412] });

export const clearedReason = z.enum(CLEARED_REASONS).meta({
  description:
    "Reason for the end of the silence. delivered: a liquidation arrived. unlisted: the venue lists no contract of the base asset that trades.",
});

export const silenceRecordSchema = z
  .object({
    exchange: z.enum(EXCHANGES),
    symbol: silentSymbol,
    since: silentSince,
    suspect_time: timeMs.meta({ description: "Time at which the silence became suspect, milliseconds since 1970 UTC." }),
    cleared_time: timeMs
      .nullable()
      .meta({ description: "Time at which the silence was seen to have ended, milliseconds since 1970 UTC; null while it lasts." }),
    cleared_reason: clearedReason.nullable(),
    silent_minutes: z.int().meta({ description: "Number of minutes of the silence that count as evidence.", examples: [9] }),
    silence_probability: silenceProbability,
    others_events: othersEvents,
  } satisfies FieldsOf<SilenceRecord>)
  .meta({
    id: "SilenceRecord",
    description: "A silence of a connected venue, or of one base asset on it, that the activity of the others does not explain.",
  });
