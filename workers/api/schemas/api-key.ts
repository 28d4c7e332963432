import * as z from "zod";
import { SCOPES } from "../../../src/access/api-key.ts";
import { timeMs } from "../http/answer.ts";

/** A key as the API shows it. */
export const keySchema = z
  .object({
    key_id: z.string().meta({ description: "Id of the API key.", examples: ["key_7c1e05a9d2f84b6e"] }),
    prefix: z.string().meta({ description: "First characters of the key, to recognize it by.", examples: ["liq_Xa8f2k"] }),
    name: z.string().meta({ description: "Name of the key, such as its purpose.", examples: ["backtests"] }),
    scopes: z.array(z.enum(SCOPES)),
    requests_per_day: z
      .int()
      .nullable()
      .meta({ description: "Maximum number of requests per UTC day; null for no limit except the rate limit.", examples: [null] }),
    export_rows_per_day: z
      .int()
      .nullable()
      .meta({ description: "Maximum number of exported rows per UTC day; null for no limit.", examples: [5_000_000] }),
    created_time: timeMs,
    expires_time: timeMs
      .nullable()
      .meta({ description: "Time at which the key expires, milliseconds since 1970 UTC; null if it never does.", examples: [null] }),
    previous_key_expires_time: timeMs.nullable().meta({
      description: "Time until which the former secret of a rotated key works, milliseconds since 1970 UTC; null where it was not rotated.",
      examples: [null],
    }),
    revoked_time: timeMs
      .nullable()
      .meta({ description: "Time at which the key was revoked, milliseconds since 1970 UTC; null if it was not.", examples: [null] }),
  })
  .meta({ id: "ApiKey", description: "An API key, without its secret." });

/** The same when it is made, with its secret. */
export const madeKeySchema = z
  .object({
    ...keySchema.shape,
    key: z
      .string()
      .meta({ description: "The secret key. It is shown only once; the Worker stores only its SHA-256.", examples: ["liq_Xa8f2k…"] }),
  })
  .meta({ id: "ApiKeyWithSecret" });
