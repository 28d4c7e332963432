import { recordParts } from "../../src/pipeline/record-parts.ts";
import { streamRecord } from "../../src/pipeline/stream-record.ts";
import type { Batch, Sink, SinkOutcome } from "../../src/sink.ts";
import type { Env } from "../env.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";

type PipelineEnv = Pick<Env, "LIQUIDATION_STREAM">;

/**
 * A request may have 5 MB (https://developers.cloudflare.com/basin-pipelines/platform/limits/, October 2026). What the
 * platform puts around the records is not told, so some is left for it. One record is never that long: a journaled row
 * is under 2 MB.
 */
const MAX_BYTES = 4_500_000;

/** The binding has no time limit of its own, and a call that never ends would end all further ones. */
const PATIENCE_MS = 30_000;

/**
 * Rows for an Iceberg table, through a stream of Cloudflare Pipelines. At least once: a batch that failed half way is sent
 * again from its beginning, so readers take each `event_id` once. A row that does not fit the stream's schema must not
 * come here: the stream would take it, say nothing and drop it. Docs: `docs/growing.md`.
 */
export const pipelineSink: Sink<PipelineEnv> = {
  name: "pipeline",
  off: (env) => (env.LIQUIDATION_STREAM === undefined ? "Pipeline is off: the binding LIQUIDATION_STREAM is missing" : null),
  // Sealing a batch paces the requests already.
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
