import * as z from "zod";
import type { RelayMinute, RelayStats } from "../../../src/stream/relay-protocol.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const count = (description: string, example = 0) => z.int().meta({ description, examples: [example] });
const latency = (share: string) =>
  z
    .number()
    .nullable()
    .meta({
      description: `${share} of the time from the receipt of a liquidation from its venue to the moment at which the relay sent it, ms; null without liquidations.`,
      examples: [64],
    });

const minuteSchema = z
  .object({
    time: timeMs.meta({ description: "Start of the minute, milliseconds since 1970 UTC." }),
    events: count("Number of liquidations that were sent live to at least one client.", 12),
    frames: count("Number of frames with a record that were sent; one to two clients counts twice.", 480),
    latency_ms_p50: latency("The median"),
    latency_ms_p99: latency("The 99th percentile"),
    skipped: count("Number of frames that slow clients were not sent."),
  } satisfies FieldsOf<RelayMinute>)
  .meta({ id: "StreamMinute", description: "One minute of a relay." });

export const relayStatsSchema = z
  .object({
    relay: z.string().meta({ description: "Name of the relay: its location and number.", examples: ["any-0"] }),
    clients: count("Number of connected clients.", 40),
    websocket_clients: count("Number of those with a WebSocket.", 31),
    sse_clients: count("Number of those with server-sent events.", 9),
    slow_clients: count("Number of those that are not sent all frames now, because they do not read them."),
    filters: count("Number of distinct filters.", 6),
    since: timeMs.meta({ description: "Time since which the relay counts, milliseconds since 1970 UTC." }),
    closes: z
      .record(z.string(), z.int())
      .meta({ description: "Number of closed connections by close code.", examples: [{ 1000: 7, 4003: 1 }] }),
    skipped: count("Number of frames that slow clients were not sent."),
    minutes: z.array(minuteSchema).meta({ description: "The last 15 minutes with a frame, oldest first." }),
  } satisfies FieldsOf<RelayStats>)
  .meta({ id: "RelayStats", description: "Clients of a relay, counted since its object started." });

export const streamStatsSchema = z
  .object({
    time: timeMs,
    clients: count("Number of connected clients of all relays.", 40),
    relays: z.array(relayStatsSchema).meta({ description: "The relays that have clients and answer." }),
  })
  .meta({ id: "StreamStats", description: "The live stream now." });
