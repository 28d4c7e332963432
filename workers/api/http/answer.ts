import * as z from "zod";
import { GAP_REASONS } from "../../../src/gap.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { ApiContext } from "./api-env.ts";
import { digestOf, isNamedBy } from "./entity-tag.ts";

export const timeMs = z.int().meta({ description: "Milliseconds since 1970 UTC.", examples: [1_795_251_900_000] });

/** A stretch in which a venue's liquidations could not be heard. */
export const gapSchema = z
  .object({
    exchange: z.enum(EXCHANGES),
    from_time: timeMs,
    to_time: timeMs.nullable().meta({ description: "Null while it lasts." }),
    reason: z.enum(GAP_REASONS).meta({ description: "not_started: all the time before the venue was first heard." }),
  })
  .meta({
    id: "Gap",
    description: "A stretch in which a venue's liquidations could not be heard.",
    examples: [{ exchange: "okx", from_time: 1_795_250_100_000, to_time: 1_795_250_143_000, reason: "disconnected" }],
  });

export const NOT_COVERED_CODES = ["archive_off", "archive_expired", "archive_behind", "not_collected", "not_stored_yet"] as const;

/** The part of a range that is not answered, and why. */
export const notCoveredSchema = z
  .object({ start: timeMs, end: timeMs, code: z.enum(NOT_COVERED_CODES), detail: z.string() })
  .meta({ id: "NotCovered", description: "A part of the range that is not answered, and why." });

/** What each venue's feed carries of that venue's liquidations. */
export const coverageSchema = z.partialRecord(z.enum(EXCHANGES), z.enum(COVERAGES)).meta({
  id: "CoverageByVenue",
  description: "What each venue's feed carries of that venue's liquidations, by the venue's own word.",
  examples: [{ binance: "largest_per_second", bybit: "all_reported", okx: "sampled", kucoin: "none", bitfinex: "all_reported" }],
});

const metaSchema = z
  .object({
    request_id: z.string().meta({
      description: "Also in X-Request-Id; name it when something is wrong.",
      examples: ["5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35"],
    }),
    count: z.int().meta({ description: "Items in data, 1 where it is no list.", examples: [1] }),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: "Gives the next page with the same parameters; null on the last.", examples: [null] }),
    coverage: coverageSchema,
    gaps: z.array(gapSchema).meta({ description: "Stretches inside the range in which a venue was not heard, oldest first." }),
    gaps_truncated: z
      .boolean()
      .optional()
      .meta({ description: "True where there are more gaps than are listed; the oldest are left out." }),
    not_covered: notCoveredSchema
      .nullable()
      .optional()
      .meta({ description: "The part of the range that is not answered; null where all of it is.", examples: [null] }),
  })
  .meta({ id: "Meta", description: "What is said of every answer." });

export type NotCovered = z.output<typeof notCoveredSchema>;

/** What an operation answers; the request's id is added. */
export interface Answer<Data> {
  readonly data: Data;
  readonly meta: Partial<Omit<z.output<typeof metaSchema>, "request_id" | "gaps">> & {
    readonly gaps?: readonly z.output<typeof gapSchema>[];
  };
}

/** A whole answer, as it is written down. */
export interface AnswerBody {
  readonly data: unknown;
  readonly meta: Omit<z.output<typeof metaSchema>, "gaps"> & { readonly gaps: readonly z.output<typeof gapSchema>[] };
}

/** The schema of a whole answer around `data`. */
export function envelope(data: z.ZodType): z.ZodType {
  return z.object({ data, meta: metaSchema });
}

/** The answer with the request's id, and what its meta leaves unsaid. */
export function answerBody(c: ApiContext, { data, meta }: Answer<unknown>): AnswerBody {
  return { data, meta: { request_id: c.get("requestId"), count: 1, next_cursor: null, coverage: {}, gaps: [], ...meta } };
}

/**
 * The answer to a read, or 304 where the asker has it. The tag is a weak one: of everything but the request's id, which
 * is another in each answer.
 */
export async function conditionalAnswer(c: ApiContext, { data, meta }: AnswerBody): Promise<Response> {
  const { request_id, ...said } = meta;
  const [dataText, saidText] = [JSON.stringify(data), JSON.stringify(said)];
  const etag = `W/"${await digestOf(`${dataText}${saidText}`)}"`;
  c.header("ETag", etag);
  // May be kept, and is asked about each time.
  c.header("Cache-Control", "private, no-cache");
  if (isNamedBy(c.req.header("If-None-Match"), etag)) return c.body(null, 304);
  const body = `{"data":${dataText},"meta":${JSON.stringify({ request_id, ...said })}}`;
  return c.body(body, 200, { "Content-Type": "application/json" });
}
