import * as z from "zod";
import type { OpAnswer, OpError } from "../../../../src/stream/frames.ts";
import { timeMs } from "../../http/answer.ts";
import type { FieldsOf } from "../fields-of.ts";
import { filterSchema } from "./greeting.ts";

/** The answers to the messages of a WebSocket client, whose schema is `src/stream/client-message.ts`. */

const id = z.union([z.string(), z.int()]).nullable().meta({ description: "Id of the message; null where it had none." });

export const answerSchema = z
  .object({
    type: z.literal("answer"),
    op: z.enum(["subscribe", "unsubscribe", "ack", "ping"]),
    id,
    time: timeMs,
    filter: filterSchema.optional(),
    notices: z
      .array(z.string())
      .optional()
      .meta({ description: "Of a subscription: requested data that cannot come now, one sentence each." }),
  } satisfies FieldsOf<OpAnswer>)
  .meta({ id: "AnswerFrame", description: "A message was followed." });

export const errorSchema = z
  .object({
    type: z.literal("error"),
    id,
    detail: z.string().meta({ description: "Fault of the message, and the allowed values." }),
  } satisfies FieldsOf<OpError>)
  .meta({ id: "ErrorFrame", description: "A message could not be followed. The stream goes on." });
