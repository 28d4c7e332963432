import { env } from "cloudflare:workers";
import { rawApiClient } from "../api/api-client.ts";
import { STREAM_FRAMES } from "../../../workers/api/schemas/stream-frames/stream-frames.ts";
import { until } from "../until.ts";

/** A frame as loosely typed as a client sees it. */
// oxlint-disable-next-line typescript/no-explicit-any -- a client of JSON has no types; a wrong path fails the test
export type Frame = any;

export interface StreamClient {
  readonly frames: Frame[];
  readonly socket: WebSocket;
  /** The close code; null while the stream is open. */
  readonly closed: { code: number; reason: string } | null;
  readonly send: (message: unknown) => void;
  readonly of: (type: string) => Frame[];
  readonly first: (type: string) => Promise<Frame>;
  readonly close: () => void;
  /** Id of the last frame that had one. */
  readonly last: () => string;
}

/** Opens a WebSocket with the API, as a client that acknowledges beats by default. */
export async function openClient(
  query = "",
  {
    acks = true,
    headers = {},
    bindings = {},
  }: { acks?: boolean; headers?: Record<string, string>; bindings?: Record<string, unknown> } = {},
): Promise<StreamClient> {
  const ask = rawApiClient(Date.now(), bindings);
  const response = await ask(`/v1/stream${query}`, { headers: { Upgrade: "websocket", ...headers } });
  const socket = response.webSocket;
  if (socket === null) throw new Error(`no socket: ${response.status} ${await response.text()}`);
  const frames: Frame[] = [];
  let closed: { code: number; reason: string } | null = null;
  socket.addEventListener("message", ({ data }) => {
    const frame: Frame = JSON.parse(String(data));
    frames.push(frame);
    if (frame.type === "beat" && acks) socket.send(JSON.stringify({ op: "ack", n: frame.n }));
  });
  socket.addEventListener("close", ({ code, reason }) => {
    closed = { code, reason };
  });
  socket.accept();
  return {
    frames,
    socket,
    get closed() {
      return closed;
    },
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    of: (type) => frames.filter((frame) => frame.type === type),
    async first(type) {
      await until(`a frame ${type}`, () => frames.some((frame) => frame.type === type));
      return frames.find((frame) => frame.type === type);
    },
    close: () => socket.close(1000, "done"),
    last: () => frames.findLast((frame) => typeof frame.id === "string" && !["answer", "error"].includes(frame.type))?.id,
  };
}

/** What of these frames is not as their schemas say. */
export function misfits(frames: readonly Frame[]): readonly string[] {
  return frames.flatMap((frame) => {
    const schema = STREAM_FRAMES[frame.type as keyof typeof STREAM_FRAMES];
    const { error } = schema.strict().safeParse(frame);
    return error === undefined ? [] : [`${frame.type}: ${error.message}`];
  });
}

export const hub = () => env.MARKET_HUB.getByName("hub");
export const relay = () => env.STREAM_RELAY.getByName("any-0");
