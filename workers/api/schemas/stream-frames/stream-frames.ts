import { answerSchema, errorSchema } from "./answers.ts";
import { helloSchema, snapshotSchema, totalsSchema } from "./greeting.ts";
import { beatSchema, closedSchema, liveSchema, skippedSchema, streamGapSchema } from "./notices.ts";
import {
  cascadeFrameSchema,
  estimateFrameSchema,
  feedFrameSchema,
  liquidationFrameSchema,
  signalFrameSchema,
  silenceFrameSchema,
} from "./records.ts";

/** Every frame that a server sends, by type. */
export const STREAM_FRAMES = {
  hello: helloSchema,
  snapshot: snapshotSchema,
  liquidation: liquidationFrameSchema,
  cascade: cascadeFrameSchema,
  signal: signalFrameSchema,
  feed: feedFrameSchema,
  estimate: estimateFrameSchema,
  silence: silenceFrameSchema,
  totals: totalsSchema,
  beat: beatSchema,
  skipped: skippedSchema,
  gap: streamGapSchema,
  live: liveSchema,
  closed: closedSchema,
  answer: answerSchema,
  error: errorSchema,
} as const;
