import * as z from "zod";
import { GAP_REASONS } from "../../../src/gap.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { licence, licenceOf } from "../../../src/licence.ts";
import type { ApiContext } from "./api-env.ts";
import type { ComputedAnswer } from "./answer-cache.ts";
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
        "Reason of the gap. not_started covers all the time before the first connection to the venue. storage_failed: the venue was connected, but its liquidations could not be stored. not_subscribed is that of a single contract. suspect: the venue was connected and sent no liquidation, or none of a base asset, for longer than the activity of the other venues explains, so some may be missing.",
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
    computed_time: timeMs.optional().meta({
      description:
        "Time at which the answer was computed, milliseconds since 1970 UTC. Answers of operations with `x-cache-seconds` may come from a cache and be that old; the header `Age` states their age in seconds. Absent where answers are always computed.",
    }),
    count: z.int().meta({ description: "Number of items in data; 1 where data is not a list.", examples: [1] }),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: "Cursor of the next page, for a request with the same parameters; null on the last page.", examples: [null] }),
    scanned_to: z
      .union([z.number(), z.string()])
      .nullable()
      .optional()
      .meta({
        description:
          "Place up to which the list was searched, where so few rows match the filters that the page is not full: the time (or value, or sequence number) of the last row looked at. `next_cursor` continues from there. Null where the page is full or the list was searched to its end.",
        examples: [null],
      }),
    coverage: coverageSchema,
    gaps: z.array(gapSchema).meta({ description: "Periods inside the range in which a venue was not connected, oldest first." }),
    gaps_truncated: z.boolean().optional().meta({ description: "True where the list omits the oldest gaps because there are too many." }),
    licence: licence.optional().meta({
      description:
        "Terms of the data; absent where the operator states none. The header `Link` with rel=license says the same of every response.",
    }),
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
  readonly meta: Partial<Omit<z.output<typeof metaSchema>, "request_id" | "computed_time" | "gaps">> & {
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

/** The metadata of an answer with its defaults, and the terms of the data. */
function metaOf(c: ApiContext, { meta }: Answer<unknown>): Omit<AnswerBody["meta"], "request_id"> {
  const terms = licenceOf(c.get("config"));
  return { count: 1, next_cursor: null, coverage: {}, gaps: [], ...meta, ...(terms === null ? {} : { licence: terms }) };
}

/** The complete body of an answer that is not kept: with the request id and the defaults of its metadata. */
export function answerBody(c: ApiContext, answer: Answer<unknown>): AnswerBody {
  return { data: answer.data, meta: { request_id: c.get("requestId"), ...metaOf(c, answer) } };
}

/** An answer as text. Its tag is weak: it covers everything except the request id and the time, which differ by request. */
export async function computedAnswer(c: ApiContext, answer: Answer<unknown>): Promise<ComputedAnswer> {
  const [data, meta] = [JSON.stringify(answer.data), JSON.stringify(metaOf(c, answer))];
  return { computed_time: c.get("deps").now(), etag: `W/"${await digestOf(`${data}${meta}`)}"`, data, meta };
}

/** What stands before the rest of the metadata. An operation whose answers are never kept needs no time. */
function ownMeta(c: ApiContext, { computed_time }: ComputedAnswer, isKept: boolean) {
  return { request_id: c.get("requestId"), ...(isKept ? { computed_time } : {}) };
}

/** The body of a computed answer, for a caller inside another request. */
export function bodyOf(c: ApiContext, answer: ComputedAnswer, isKept: boolean): AnswerBody {
  const meta = JSON.parse(answer.meta) as Omit<AnswerBody["meta"], "request_id">;
  return { data: JSON.parse(answer.data) as unknown, meta: { ...ownMeta(c, answer, isKept), ...meta } };
}

/** The response to a read, or 304 where the client already has it. */
export function conditionalResponse(c: ApiContext, answer: ComputedAnswer, isKept: boolean): Response {
  const { etag, data, meta } = answer;
  c.header("ETag", etag);
  // Clients may store the response, but must revalidate it; a store that serves several callers may not.
  c.header("Cache-Control", "private, no-cache");
  c.header("Vary", "Authorization, X-API-Key", { append: true });
  c.header("Server-Timing", `d1;desc="${c.get("meter").counts.rows_read} rows read"`);
  if (isKept) c.header("Age", String(Math.max(0, Math.floor((c.get("deps").now() - answer.computed_time) / 1_000))));
  if (isNamedBy(c.req.header("If-None-Match"), etag)) return c.body(null, 304);
  const own = JSON.stringify(ownMeta(c, answer, isKept));
  return c.body(`{"data":${data},"meta":${own.slice(0, -1)},${meta.slice(1)}}`, 200, { "Content-Type": "application/json" });
}
