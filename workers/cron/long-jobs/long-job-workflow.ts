import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep, type WorkflowStepConfig } from "cloudflare:workers";
import { configOf } from "../../../src/config.ts";
import { writeLog } from "../../../src/log.ts";
import type { LongJobRun } from "../../../src/long-job-run.ts";
import { messageOf } from "../../../src/message-of.ts";
import { meteredEnv } from "../../usage/metered-env.ts";
import type { Env } from "../../env.ts";
import { pauseLongJob, runLongJobPart } from "./long-job-part.ts";

const PART: WorkflowStepConfig = { retries: { limit: 2, delay: "10 seconds", backoff: "exponential" }, timeout: "4 minutes" };

/**
 * Runs a long job step by step, each with processor time of its own. All state is in the stores, so an instance that the
 * platform loses costs only time: the cron starts another one when its lease is over.
 */
export class LongJobWorkflowEntrypoint extends WorkflowEntrypoint<Env, LongJobRun> {
  override async run({ payload }: Readonly<WorkflowEvent<LongJobRun>>, step: WorkflowStep): Promise<string> {
    const config = configOf(this.env);
    const env = meteredEnv(this.env);
    try {
      for (let part = 1; ; part += 1) {
        const outcome = await step.do(`part ${part}`, PART, () => runLongJobPart(env, config, payload));
        if (outcome !== "more") return outcome;
      }
    } catch (error) {
      const { job, scheduled_time } = payload;
      writeLog("error", { event: "long_job_failed", job, scheduled_time, error: messageOf(error) });
      await step.do("pause", () => pauseLongJob(this.env, payload));
      return "failed";
    }
  }
}
