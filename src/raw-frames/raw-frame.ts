import * as z from "zod";
import type { Instrument } from "../exchanges/exchange.ts";
import { EXCHANGES } from "../liquidation-fields.ts";

/** Maximum number of characters of a kept text. The largest real frames with liquidations have a few thousand. */
export const MAX_KEPT_CHARACTERS = 262_144;

const instrument = z.object({
  instrument: z.string(),
  symbol: z.string(),
  quote: z.string(),
  scale: z.number(),
  contract: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("base"), size: z.number().nullable() }),
    z.object({ kind: z.literal("inverse"), usd: z.number().nullable() }),
  ]),
  trading: z.boolean(),
}) satisfies z.ZodType<Instrument>;

/**
 * A frame of a venue with liquidations, as received, and everything else that is needed to normalize it again. One line
 * of a raw file.
 */
export const rawFrameSchema = z.object({
  exchange: z.enum(EXCHANGES).meta({ description: "Name of the venue.", examples: ["bybit"] }),
  adapter_version: z.int().meta({ description: "Version of the adapter that read the frame.", examples: [2] }),
  received_time: z.int().meta({ description: "Time of arrival, milliseconds since 1970 UTC.", examples: [1_795_219_200_000] }),
  source: z
    .enum(["stream", "backfill"])
    .meta({ description: "Origin of the frame. stream: a WebSocket frame. backfill: a response of the REST history." }),
  socket: z.string().meta({ description: "Name of the socket as in the status; rest for a backfill.", examples: ["market"] }),
  connection: z.string().meta({
    description: "Id of the connection, new with every reconnect; the address of the request for a backfill.",
    examples: ["6f1c4b1e-8f0f-4f3e-9d0a-0c9b6a1d2e3f"],
  }),
  event_ids: z.array(z.string()).meta({
    description: "`event_id` of every liquidation in the frame that is in scope, including those already known.",
    examples: [["bybit:BTCUSDT:1795219199912:Buy:0.5:83512.5"]],
  }),
  symbols: z.array(z.string()).meta({ description: "Base assets of these liquidations.", examples: [["BTC"]] }),
  instruments: z.array(instrument).meta({
    description: "Their contracts with size and multiplier, as in the table that the adapter used; without those it derived from the name.",
    examples: [[{ instrument: "BTCUSDT", symbol: "BTC", quote: "USDT", scale: 1, contract: { kind: "base", size: 1 }, trading: true }]],
  }),
  earlier: z.array(z.string()).meta({
    description:
      "Texts of earlier frames of the connection that belong to these liquidations without holding one, such as Bitfinex's executions.",
    examples: [[]],
  }),
  text: z
    .string()
    .nullable()
    .meta({
      description: `Text of the frame; for a backfill the JSON of the response. Null where it, with \`earlier\`, is longer than ${MAX_KEPT_CHARACTERS} characters.`,
      examples: [
        '{"topic":"allLiquidation.BTCUSDT","type":"snapshot","ts":1795219199990,"data":[{"T":1795219199912,"s":"BTCUSDT","S":"Buy","v":"0.5","p":"83512.5"}]}',
      ],
    }),
});
export type RawFrame = z.output<typeof rawFrameSchema>;
