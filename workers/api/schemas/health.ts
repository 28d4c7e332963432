import * as z from "zod";
import { timeMs } from "../http/answer.ts";

export const healthSchema = z
  .object({ status: z.literal("ok"), time: timeMs.meta({ description: "Now, milliseconds since 1970 UTC." }) })
  .meta({ id: "Health", description: "The Worker and its database answer." });
