import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep, type WorkflowStepConfig } from "cloudflare:workers";
import { configOf } from "../../src/config.ts";
import type { ExportRun } from "../../src/exports/export-run.ts";
import type { WebhookEvent } from "../../src/webhooks/event.ts";
import { exportReady } from "../../src/webhooks/make-event.ts";
import type { Env } from "../env.ts";
import { feedStatuses } from "../feeds.ts";
import { meteredEnv } from "../usage/metered-env.ts";
import { publishEvent } from "../webhooks/publish-event.ts";
import { readExport } from "./export-rows.ts";
import { abandonExport, runPart } from "./run-part.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

/** Five minutes in total, while a store is out of order. */
const PART: WorkflowStepConfig = { retries: { limit: 5, delay: "10 seconds", backoff: "exponential" }, timeout: "5 minutes" };

/**
 * Runs one export part by part. The platform only keeps the number of the part; a part itself knows where to continue.
 * If the workflow is lost, `watchExports` starts another.
 */
export class ExportWorkflowEntrypoint extends WorkflowEntrypoint<Env, ExportRun> {
  override async run({ payload }: Readonly<WorkflowEvent<ExportRun>>, step: WorkflowStep): Promise<string> {
    const { export_id: id, number } = payload;
    const config = configOf(this.env);
    const env = meteredEnv(this.env);
    const deps = { now: Date.now, feedStatuses: () => feedStatuses(this.env, config) };
    try {
      for (let part = 1; ; part += 1) {
        const outcome = await step.do(`part ${part}`, PART, () => runPart(env, config, deps, id, number));
        if (outcome === "done") break;
        if (outcome !== "more") return outcome;
      }
    } catch (error) {
      // The failure after all retries: the owner learns its kind, the log the details.
      writeLog("error", { event: "export_failed", export_id: id, error: messageOf(error) });
      await step.do("give up", () => abandonExport(this.env, config, { export_id: id, starts: number }, reasonOf(error), Date.now()));
      return "failed";
    }
    await step.do("announce", PART, () => this.#announce(id));
    return "done";
  }

  async #announce(id: string): Promise<void> {
    const event = await readyEvent(this.env.DB, id);
    if (event !== null && (await publishEvent(this.env, configOf(this.env), event)).kind === "failed")
      throw new Error("export.ready was not queued for every endpoint");
  }
}

async function readyEvent(db: D1Database, id: string): Promise<WebhookEvent | null> {
  const row = await readExport(db, id);
  if (row === null || row.state !== "done") return null;
  const { export_id, owner, request, rows, bytes, files, expires_time } = row;
  const data = { export_id, owner, rows, bytes, files, format: request.format, start: request.start, end: request.end, expires_time };
  return exportReady(data, row.finished_time ?? 0);
}

function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name.startsWith("Supabase")) return "The archive (Supabase) did not respond; create the export again later.";
  return "The rows could not be read; create the export again later.";
}
