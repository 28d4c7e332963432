import * as z from "zod";
import { GAP_REASONS } from "../../../src/gap.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import type { ApiContext } from "./api-env.ts";
import { digestOf, isNamedBy } from "./entity-tag.ts";

export const timeMs = z.int().meta({ description: "Milliseconds since 1970 UTC.", examples: [1_795_251_900_000] });

/** A period in which the liquidations of a venue were not received. */
export const gapSchema = z
  .object({
    exchange: z.enum(EXCHANGES),
    from_time: timeMs,
    to_time: timeMs.nullable().meta({ description: "End of the gap, milliseconds since 1970 UTC; null while it lasts." }),
    reason: z.enum(GAP_REASONS).meta({
      description:
        "Reason of the gap. not_started covers all the time before the first connection to the venue. storage_failed: the venue was connected, but its liquidations could not be stored. not_subscribed is that of a single contract.",
    }),
  })
  .meta({
    id: "Gap",
    description: "A period in which the liquidations of a venue were not received.",
    examples: [{ exchange: "okx", from_time: 1_795_250_100_000, to_time: 1_795_250_143_000, reason: "disconnected" }],
  });

export const NOT_COVERED_CODES = [
  "archive_off",
  "archive_expired",
  "archive_behind",
  "archive_not_sorted",
  "not_collected",
  "not_stored_yet",
] as const;

/** The part of a range that the response does not cover, and the reason. */
export const notCoveredSchema = z
  .object({ start: timeMs, end: timeMs, code: z.enum(NOT_COVERED_CODES), detail: z.string() })
  .meta({ id: "NotCovered", description: "The part of the range that the response does not cover, and the reason." });

/** The share of its liquidations that each venue's feed carries. */
export const coverageSchema = z.partialRecord(z.enum(EXCHANGES), z.enum(COVERAGES)).meta({
  id: "CoverageByVenue",
  description: "The share of a venue's liquidations that its feed carries, by the venue's own documentation.",
  examples: [coverageOf({ LIQUIDATION_EXCHANGES: EXCHANGES })],
});

const metaSchema = z
  .object({
    request_id: z.string().meta({
      description: "Request id, also in X-Request-Id. Quote it when you report a problem.",
      examples: ["5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35"],
    }),
    count: z.int().meta({ description: "Number of items in data; 1 where data is not a list.", examples: [1] }),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: "Cursor of the next page, for a request with the same parameters; null on the last page.", examples: [null] }),
    coverage: coverageSchema,
    gaps: z.array(gapSchema).meta({ description: "Periods inside the range in which a venue was not connected, oldest first." }),
    gaps_truncated: z.boolean().optional().meta({ description: "True where the list omits the oldest gaps because there are too many." }),
    not_covered: notCoveredSchema
      .nullable()
      .optional()
      .meta({
        description: "The part of the range that the response does not cover; null where it covers the whole range.",
        examples: [null],
      }),
  })
  .meta({ id: "Meta", description: "Response metadata." });

export type NotCovered = z.output<typeof notCoveredSchema>;

/** What an operation returns, before the request id is added. */
export interface Answer<Data> {
  readonly data: Data;
  readonly meta: Partial<Omit<z.output<typeof metaSchema>, "request_id" | "gaps">> & {
    readonly gaps?: readonly z.output<typeof gapSchema>[];
  };
}

/** A complete response body. */
export interface AnswerBody {
  readonly data: unknown;
  readonly meta: Omit<z.output<typeof metaSchema>, "gaps"> & { readonly gaps: readonly z.output<typeof gapSchema>[] };
}

/** The schema of a complete response body around `data`. */
export function envelope(data: z.ZodType): z.ZodType {
  return z.object({ data, meta: metaSchema });
}

/** The complete body: the answer with the request id and the defaults of its metadata. */
export function answerBody(c: ApiContext, { data, meta }: Answer<unknown>): AnswerBody {
  return { data, meta: { request_id: c.get("requestId"), count: 1, next_cursor: null, coverage: {}, gaps: [], ...meta } };
}

/**
 * The response to a read, or 304 where the client already has it. The tag is weak: it covers everything except the
 * request id, which differs in every response.
 */
export async function conditionalAnswer(c: ApiContext, { data, meta }: AnswerBody): Promise<Response> {
  const { request_id, ...said } = meta;
  const [dataText, saidText] = [JSON.stringify(data), JSON.stringify(said)];
  const etag = `W/"${await digestOf(`${dataText}${saidText}`)}"`;
  c.header("ETag", etag);
  // Clients may store the response, but must revalidate it.
  c.header("Cache-Control", "private, no-cache");
  if (isNamedBy(c.req.header("If-None-Match"), etag)) return c.body(null, 304);
  const body = `{"data":${dataText},"meta":${JSON.stringify({ request_id, ...said })}}`;
  return c.body(body, 200, { "Content-Type": "application/json" });
}
