import * as z from "zod";
import { timeMs } from "../http/answer.ts";

export const readySchema = z
  .object({
    status: z.literal("ready"),
    time: timeMs.meta({ description: "Current time, milliseconds since 1970 UTC." }),
    last_run_time: timeMs.meta({ description: "Minute of the last run of the cron, milliseconds since 1970 UTC." }),
  })
  .meta({ id: "Ready", description: "The database responds, the jobs of the minute run, and every venue is connected." });

export const healthSchema = z
  .object({ status: z.literal("ok"), time: timeMs.meta({ description: "Current time, milliseconds since 1970 UTC." }) })
  .meta({ id: "Health", description: "Health of the Worker: it and its database respond." });
