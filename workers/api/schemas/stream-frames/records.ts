import * as z from "zod";
import { cascadeRecordSchema } from "../cascade.ts";
import { estimatedMinuteSchema } from "../estimate.ts";
import { liquidationSchema } from "../liquidation.ts";
import { decisionSchema } from "../signal.ts";
import { silenceRecordSchema } from "../silence.ts";
import { feedStatusSchema } from "../status.ts";
import { frameId } from "./greeting.ts";

/** The frames with a record, which the log keeps for 24 h. */

const replayed = z.literal(true).optional().meta({ description: "Present in a replay." });

export const liquidationFrameSchema = z
  .object({ type: z.literal("liquidation"), id: frameId.optional(), replayed, data: liquidationSchema })
  .meta({
    id: "LiquidationFrame",
    description: "A liquidation. Fields that the hub could not compute in time are null. Replayed from a store, it has no id.",
  });

export const cascadeFrameSchema = z
  .object({
    type: z.literal("cascade"),
    id: frameId,
    replayed,
    change: z.enum(["started", "escalated", "ended"]).meta({ description: "Change of the cascade." }),
    data: cascadeRecordSchema,
  })
  .meta({ id: "CascadeFrame", description: "A cascade that started, escalated or ended." });

export const signalFrameSchema = z
  .object({ type: z.literal("signal"), id: frameId, replayed, data: decisionSchema })
  .meta({ id: "SignalFrame", description: "A decision, without its input." });

export const feedFrameSchema = z.object({ type: z.literal("feed"), id: frameId, replayed, data: feedStatusSchema }).meta({
  id: "FeedFrame",
  description:
    "The status of a feed whose state, or one of whose states of auto-deleveraging, changed. Of adl_state it has only the contracts in a state other than normal.",
});

export const estimateFrameSchema = z.object({ type: z.literal("estimate"), id: frameId, replayed, data: estimatedMinuteSchema }).meta({
  id: "EstimateFrame",
  description:
    "Liquidations of a base asset that venues reported in a minute, and what all of them are estimated to come to: an estimate, with method and status, some minutes after the minute. A minute without a liquidation has none.",
});

export const silenceFrameSchema = z
  .object({
    type: z.literal("silence"),
    id: frameId,
    replayed,
    change: z.enum(["suspect", "cleared"]).meta({ description: "Change of the silence." }),
    data: silenceRecordSchema,
  })
  .meta({
    id: "SilenceFrame",
    description: "A silence that became suspect, which is a gap until a liquidation arrives, or a suspect one that ended: once each.",
  });
