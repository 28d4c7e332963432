import { hubOf } from "../../../durable-objects/market-hub/hub-of.ts";
import type { Config } from "../../../src/config.ts";
import { messageOf } from "../../../src/message-of.ts";
import { writeLog } from "../../../src/log.ts";
import type { StreamFilter } from "../../../src/stream/filter.ts";
import type { Closed } from "../../../src/stream/frames.ts";
import { BEAT_MS } from "../../../src/stream/limits.ts";
import type { Place } from "../../../src/stream/relay-names.ts";
import type { ClientRequest } from "../../../src/stream/relay-protocol.ts";
import { encodeFrame } from "../../../src/stream/transport.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { hotEventsFrom } from "../../d1/hot-events.ts";
import type { Env } from "../../env.ts";
import { refusedOwners } from "../caller-of-stream.ts";
import { connectRelay } from "../connect-relay.ts";
import { SseWriter, closeQuietly, pipeRelay } from "../sse-writer.ts";
import type { ReplaySink } from "./replay-sink.ts";
import { ReplaySocket } from "./replay-socket.ts";
import { type ReplayDependencies, replay } from "./replay-stream.ts";
import { storedLiquidations } from "./stored-liquidations.ts";

/** A replay that slides into the live stream. */
export interface ReplayStart {
  readonly client: ClientRequest;
  readonly from: number;
  readonly speed: number;
  readonly place: Place | null;
  /** Open for as long as the replay is counted; null where replays of this owner are not limited. */
  readonly counted: WebSocket | null;
}

/** Where a replay sends its frames, and a relay those that follow. */
interface ReplayClient extends ReplaySink {
  /** Number of beats that the client was sent. */
  readonly beats: number;
  /** From now on, the client and the relay at the other end of this socket talk to each other. */
  join(relay: WebSocket): void;
}

/** @returns the body of the response */
export function replayOverSse(env: Env, config: Config, start: ReplayStart): ReadableStream<Uint8Array> {
  const writer = new SseWriter();
  void run(env, config, start, {
    get isOpen() {
      return !writer.ended.aborted;
    },
    send: (type: string, id: string | null, json: string) => writer.write(encodeFrame("sse", type, id, json)),
    // The writer itself shows that it goes on.
    beat: () => undefined,
    beats: 0,
    join: (relay) => pipeRelay(writer, relay),
    close: (code, reason) => {
      const closed: Closed = { type: "closed", code, reason };
      void writer.write(encodeFrame("sse", closed.type, null, JSON.stringify(closed)));
      writer.end();
    },
  });
  return writer.readable;
}

/** @returns the client's end of the WebSocket */
export function replayOverWebSocket(env: Env, config: Config, start: ReplayStart): WebSocket {
  const pair = new WebSocketPair();
  void run(env, config, start, new ReplaySocket(pair[1]));
  return pair[0];
}

async function run(env: Env, config: Config, start: ReplayStart, client: ReplayClient): Promise<void> {
  const { owner } = start.client;
  const checks = owner === null ? null : setInterval(() => void checkOwner(env, config, owner, client), BEAT_MS);
  let cursor: string | null;
  try {
    cursor = await replayed(env, config, start, client);
  } finally {
    if (checks !== null) clearInterval(checks);
  }
  const relay = cursor === null ? null : await joined(env, config, start, cursor, client.beats);
  if (relay === null) client.close(1012, "the replay cannot go on: connect again with the id of the last frame");
  else client.join(relay);
}

/** Ends a replay whose key allows none any longer. What cannot be checked is checked again. */
async function checkOwner(env: Env, config: Config, owner: string, client: ReplayClient): Promise<void> {
  try {
    const reason = (await refusedOwners(env.DB, config, [owner], Date.now())).get(owner);
    if (reason !== undefined) client.close(4001, reason);
  } catch (error) {
    writeLog("error", { event: "stream_owners_not_checked", error: messageOf(error) });
  }
}

async function replayed(env: Env, config: Config, { client, from, speed, counted }: ReplayStart, sink: ReplaySink) {
  const { filter } = client;
  try {
    return await replay(replayDependencies(env, config, filter), { from, speed, filter }, sink);
  } catch (error) {
    writeLog("error", { event: "replay_failed", error: messageOf(error) });
    return null;
  } finally {
    if (counted !== null) closeQuietly(counted);
  }
}

/** The hub, the stores and the clock of a replay. */
export function replayDependencies(env: Env, config: Config, filter: StreamFilter): ReplayDependencies {
  return {
    picture: () => hubOf(env, config).streamPicture(),
    read: (after) => hubOf(env, config).readStream(after),
    before: (time) => hubOf(env, config).streamBefore(time),
    async *stored(range) {
      const kept = Math.max(await hotEventsFrom(env.DB), Date.now() - config.LIQUIDATION_LOCAL_RETENTION_HOURS * HOUR_MS);
      yield* storedLiquidations(env, filter, range, kept);
    },
    now: Date.now,
    sleep: (ms) => scheduler.wait(ms),
  };
}

/** The relay that sends what follows this frame; null where none does. */
async function joined(env: Env, config: Config, { client, place }: ReplayStart, cursor: string, beats: number): Promise<WebSocket | null> {
  try {
    const connected = await connectRelay(env, config, { ...client, cursor, beats, quiet: true }, place);
    return connected.kind === "open" ? connected.socket : null;
  } catch (error) {
    writeLog("error", { event: "replay_failed", error: messageOf(error) });
    return null;
  }
}
