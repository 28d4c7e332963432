import { z } from "zod";
import type { Config } from "./config.ts";

/** Under which terms the operator passes the data on, and who answers questions about them. */
export const licence = z
  .object({
    url: z
      .string()
      .nullable()
      .meta({
        description: "Address of the licence and its terms; null where none is set.",
        examples: ["https://example.com/data-licence"],
      }),
    contact: z
      .string()
      .nullable()
      .meta({ description: "E-mail address or page of the operator; null where none is set.", examples: ["data@example.com"] }),
  })
  .readonly()
  .meta({ id: "Licence", description: "Terms of the data, by the operator of this Worker." });

export type Licence = z.output<typeof licence>;

/** Null where the operator states neither: then nothing is licensed. */
export function licenceOf({
  DATA_LICENCE_URL: url,
  DATA_CONTACT: contact,
}: Pick<Config, "DATA_LICENCE_URL" | "DATA_CONTACT">): Licence | null {
  return url === null && contact === null ? null : { url, contact };
}
