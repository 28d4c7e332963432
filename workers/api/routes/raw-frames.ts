import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { RAW_CONTENT_TYPE, rawKeyOfName } from "../../../src/raw-frames/raw-files.ts";
import { rawFrameSchema } from "../../../src/raw-frames/raw-frame.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { findRawFrame, rawFilesIn } from "../../r2/raw-files.ts";
import { timeMs } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";
import { fileOperation } from "../http/file-operation.ts";
import { jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { openRangePage } from "../http/page.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { ProblemError, badParameters } from "../http/problem.ts";

const PATH = "/v1/raw";
const MAX_ID_LENGTH = 250;

const query = z.strictObject({
  exchange: parameters.exchange.optional(),
  start: parameters.start.optional(),
  end: parameters.end.optional(),
  limit: parameters.limit.default(100),
  cursor: parameters.cursor.optional(),
});

const fileSchema = z
  .object({
    name: z.string().meta({ description: "Name of the file.", examples: ["raw_binance_20261121T07_1795132800000-0000000001.ndjson.gz"] }),
    exchange: z.enum(EXCHANGES).meta({ description: "Name of the venue." }),
    frames: z.int().meta({ description: "Number of frames, one per line.", examples: [412] }),
    bytes: z.int().meta({ description: "Size of the file in bytes, with gzip.", examples: [51_204] }),
    sha256: z.string().meta({ description: "SHA-256 of the file, hexadecimal.", examples: ["9f86d081884c7d65".repeat(4)] }),
    first_received_time: timeMs.meta({ description: "Arrival of the first frame, milliseconds since 1970 UTC." }),
    last_received_time: timeMs.meta({ description: "Arrival of the last frame, milliseconds since 1970 UTC." }),
    path: z.string().meta({
      description: "Path of the file.",
      examples: ["/v1/raw/raw_binance_20261121T07_1795132800000-0000000001.ndjson.gz"],
    }),
  })
  .meta({ id: "RawFile", description: "The raw frames of one venue and hour." });

/** The raw frames behind the liquidations: their files by hour, and the one of a single liquidation. */
export const rawFrameRoutes: readonly Operation[] = [
  jsonOperation({
    path: "/v1/liquidations/{event_id}/raw",
    id: "getRawFrame",
    cacheSeconds: 60,
    tag: "Raw frames",
    summary: "Get the raw frame of a liquidation",
    description:
      "Returns the frame that first held a liquidation, as the venue sent it. Frames of the last 25 hours are found by `event_id` alone; older ones also need `received_time`. Inferred liquidations have no frame. Frames are kept for LIQUIDATION_RAW_RETENTION_DAYS.",
    params: z.strictObject({
      event_id: z
        .string()
        .max(MAX_ID_LENGTH, `must have at most ${MAX_ID_LENGTH} characters`)
        .refine((id) => exchangeOf(id) !== undefined, `must be an event_id, which begins with ${EXCHANGES.join(":, ")}:`)
        .meta({ description: "`event_id` of the liquidation.", examples: ["bitfinex:tBTCF0:USTF0:187001127:1795219200000"] }),
    }),
    query: z.strictObject({
      received_time: parameters.time
        .meta({
          description: "`received_time` of the liquidation, for frames older than 25 hours.",
          override: { type: ["integer", "string"], examples: [1_795_219_200_250] },
        })
        .optional(),
    }),
    problems: ["not_found", "storage_unavailable"],
    data: rawFrameSchema.meta({ id: "RawFrame", description: "A frame of a venue as received, and what is needed to normalize it again." }),
    answer: async (c, { params: { event_id: id }, query: { received_time: receivedTime } }) => {
      const exchange = exchangeOf(id) ?? refuseId();
      const { LIQUIDATION_RAW_RETENTION_DAYS: days } = c.get("config");
      if (days === 0) throw new ProblemError("not_found", "Raw frames are not kept: LIQUIDATION_RAW_RETENTION_DAYS is 0.");
      const line =
        (await journaledFrame(c, exchange, id)) ??
        (receivedTime === undefined ? null : await findRawFrame(c.env.BUCKET, exchange, id, receivedTime));
      if (line === null) throw new ProblemError("not_found", whyMissing(days, receivedTime));
      return { data: rawFrameSchema.parse(JSON.parse(line)), meta: { coverage: coverageOf(c.get("config"), [exchange]) } };
    },
  }),
  jsonOperation({
    path: PATH,
    id: "listRawFiles",
    cost: 2,
    cacheSeconds: 30,
    tag: "Raw frames",
    summary: "List raw files",
    description:
      "Returns the files with raw frames that arrived within the range (default: the last 24 h), ordered by date, venue and hour. A file holds the frames of one venue and hour of arrival and appears once that hour is over; `npm run normalize` reads it. Trust a file only if its hash equals the one in this list.",
    query,
    example: { query: { exchange: "binance", limit: "2" } },
    data: z.array(fileSchema),
    answer: async (c, { query: asked }) => {
      const page = await openRangePage(PATH, asked, () => requireRange(asked, c.get("deps").now(), DAY_MS));
      const { range, after, rowsToRead } = page;
      const afterKey = after === null ? null : (rawKeyOfName(after.name) ?? refuseCursor());
      const found = await rawFilesIn(c.env.BUCKET, { range, exchange: asked.exchange ?? null, afterKey, limit: rowsToRead });
      const { rows, next_cursor } = page.close(found, (file) => [file.first_received_time, file.name]);
      const data = rows.map((file) => ({ ...file, path: `${PATH}/${file.name}` }));
      return { data, meta: { count: data.length, next_cursor, coverage: coverageOf(c.get("config")) } };
    },
  }),
  fileOperation({
    path: `${PATH}/{name}`,
    access: "export",
    id: "downloadRawFile",
    tag: "Raw frames",
    summary: "Download a raw file",
    description:
      "Returns the whole file or one range of bytes: gzip with one RawFrame as JSON per line. `Repr-Digest` is the SHA-256 of the whole file.",
    params: z.strictObject({
      name: parameters.fileName.meta({
        description: "Name of a raw file.",
        examples: ["raw_binance_20261121T07_1795132800000-0000000001.ndjson.gz"],
      }),
    }),
    contentTypes: [RAW_CONTENT_TYPE],
    problems: ["unauthorized", "forbidden", "not_found"],
    file: async (_c, { name }) => {
      const key = rawKeyOfName(name);
      if (key === null) throw new ProblemError("not_found", "No raw file has this name; GET /v1/raw lists them.");
      return { key, name, contentType: RAW_CONTENT_TYPE };
    },
  }),
];

function exchangeOf(eventId: string): ExchangeName | undefined {
  return EXCHANGES.find((name) => eventId.startsWith(`${name}:`));
}

async function journaledFrame(c: ApiContext, exchange: ExchangeName, eventId: string): Promise<string | null> {
  try {
    return await c.get("deps").journaledFrame(c.env, c.get("config"), exchange, eventId);
  } catch {
    throw new ProblemError("storage_unavailable", `The feed of ${exchange} did not respond; repeat the request.`, {
      headers: { "Retry-After": "1" },
    });
  }
}

function whyMissing(days: number, receivedTime: number | undefined): string {
  if (receivedTime === undefined) {
    return "No frame of the last 25 hours first held this liquidation. For an older one add received_time, as in its row. Inferred liquidations have no frame.";
  }
  return `No frame received in that hour first held this liquidation. Frames are kept for ${days} days; inferred liquidations have none.`;
}

function refuseId(): never {
  throw badParameters([{ parameter: "event_id", detail: "must be an event_id" }]);
}

function refuseCursor(): never {
  throw badParameters([{ parameter: "cursor", detail: "is not a cursor of this list" }]);
}
