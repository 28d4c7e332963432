import * as z from "zod";
import type { Beat, Closed, Live, SkippedFrames, StreamGap } from "../../../../src/stream/frames.ts";
import { gapSchema, timeMs } from "../../http/answer.ts";
import type { FieldsOf } from "../fields-of.ts";
import { frameId, placeId } from "./greeting.ts";

/** Frames about the stream itself. */

const request = z.string().meta({
  description: "Path of the request that returns the liquidations in between.",
  examples: ["/v1/liquidations?symbol=BTC&start=1795251900000&end=1795251960001&order=asc"],
});

export const beatSchema = z
  .object({
    type: z.literal("beat"),
    id: placeId,
    time: timeMs,
    through: timeMs.nullable().meta({
      description:
        "Every liquidation that the connected venues reported before this time was sent; null where no venue is connected, while frames are skipped, and until you have been sent what you missed.",
    }),
    gaps: z.array(gapSchema).meta({ description: "The venues that are not connected: through says nothing of them." }),
    n: z.int().min(1).meta({ description: "Number of the beat in this connection, to acknowledge it." }),
  } satisfies FieldsOf<Beat>)
  .meta({ id: "BeatFrame", description: "Every 10 s, and after each 32 kB." });

export const skippedSchema = z
  .object({
    type: z.literal("skipped"),
    id: frameId,
    from_id: frameId.meta({ description: "First frame that was not sent." }),
    to_id: frameId.meta({ description: "Last frame that was not sent." }),
    count: z.int().min(1).meta({ description: "Number of frames that were not sent." }),
    request,
  } satisfies FieldsOf<SkippedFrames>)
  .meta({ id: "SkippedFrame", description: "Frames that were not sent because what came before was not read." });

export const streamGapSchema = z
  .object({
    type: z.literal("gap"),
    id: placeId,
    from_time: timeMs
      .nullable()
      .meta({ description: "Earliest time of what is missing, milliseconds since 1970 UTC; null where unknown." }),
    to_time: timeMs.meta({ description: "Latest time of what is missing, milliseconds since 1970 UTC." }),
    request,
  } satisfies FieldsOf<StreamGap>)
  .meta({ id: "GapFrame", description: "The log no longer reaches back to the place to continue from." });

export const liveSchema = z
  .object({ type: z.literal("live"), id: frameId, time: timeMs } satisfies FieldsOf<Live>)
  .meta({ id: "LiveFrame", description: "A replay has reached the present." });

export const closedSchema = z
  .object({
    type: z.literal("closed"),
    code: z.int().meta({ description: "Close code, as of a WebSocket." }),
    reason: z.string().meta({ description: "Reason of the close." }),
  } satisfies FieldsOf<Closed>)
  .meta({ id: "ClosedFrame", description: "The last frame of server-sent events that the server ends." });
