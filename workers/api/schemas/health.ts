import * as z from "zod";
import { timeMs } from "../http/answer.ts";

export const healthSchema = z
  .object({ status: z.literal("ok"), time: timeMs.meta({ description: "Current time, milliseconds since 1970 UTC." }) })
  .meta({ id: "Health", description: "Health of the Worker: it and its database respond." });
