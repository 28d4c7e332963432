import { recordParts } from "../../src/pipeline/record-parts.ts";
import { streamRecord } from "../../src/pipeline/stream-record.ts";
import type { Batch, Sink, SinkOutcome } from "../../src/sink.ts";
import type { Env } from "../env.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";

type PipelineEnv = Pick<Env, "LIQUIDATION_STREAM">;

/**
 * A request may have 5 MB (https://developers.cloudflare.com/basin-pipelines/platform/limits/, October 2026). The
 * overhead that the platform adds to the records is undocumented, so some room is left for it. A single record is never
 * that long, because a journal row has less than 2 MB.
 */
const MAX_BYTES = 4_500_000;

/** The binding has no time limit of its own, and a call that never ends would block all later ones. */
const PATIENCE_MS = 30_000;

/**
 * Sends rows to an Iceberg table through a stream of Cloudflare Pipelines. Delivery is at least once: a batch that
 * failed half way is sent again from its beginning, so readers deduplicate by `event_id`. A row that does not fit the
 * schema of the stream must not be sent, because the stream would accept and silently drop it. See `docs/growing.md`.
 */
export const pipelineSink: Sink<PipelineEnv> = {
  name: "pipeline",
  off: (env) => (env.LIQUIDATION_STREAM === undefined ? "Pipeline is off: the binding LIQUIDATION_STREAM is missing" : null),
  // The sealing of batches already paces the requests.
  intervalMs: () => 0,
  write: (env, _config, batch) => sendBatch(env.LIQUIDATION_STREAM, batch),
};

async function sendBatch(stream: PipelineEnv["LIQUIDATION_STREAM"], batch: Batch): Promise<SinkOutcome> {
  if (stream === undefined) return failed("the binding LIQUIDATION_STREAM is missing");
  try {
    for (const records of recordParts(batch.rows.map(streamRecord), MAX_BYTES))
      await within(PATIENCE_MS, () => stream.send([...records]), "the stream did not respond");
    return { kind: "stored", refused: [] };
  } catch (error) {
    return failed(messageOf(error));
  }
}

function failed(error: string): SinkOutcome {
  return { kind: "failed", error, retryAfterMs: null };
}
