import { createRequire } from "node:module";
import type * as Ws from "ws";

// By require, as in the simulators.
const { WebSocket: NodeWebSocket } = createRequire(import.meta.url)("ws") as typeof Ws;

const MAX_REFUSAL_BYTES = 4_000;

/** A `fetch` that opens WebSockets as the platform's does: by a header, with the socket on the response. */
export function socketFetch(onPing: () => void): typeof fetch {
  return (input, init) => {
    const { Upgrade: upgrade, ...headers } = (init?.headers ?? {}) as Readonly<Record<string, string>>;
    return upgrade === "websocket" ? open(String(input), headers, init?.signal ?? null, onPing) : fetch(input, init);
  };
}

function open(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | null, onPing: () => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const socket = new NodeWebSocket(url.replace(/^http/, "ws"), { headers });
    // Else the caller's time-out would cut an open socket too.
    const abort = () => socket.terminate();
    signal?.addEventListener("abort", abort);
    socket.on("ping", onPing);
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const refused = () =>
        resolve(refusal(response.statusCode ?? 0, response.headers, Buffer.concat(parts).subarray(0, MAX_REFUSAL_BYTES).toString()));
      response.on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes < MAX_REFUSAL_BYTES) return;
        refused();
        response.destroy();
      });
      response.on("end", refused);
      response.on("error", refused);
    });
    socket.once("open", () => {
      signal?.removeEventListener("abort", abort);
      // Nothing is read before the caller listens.
      socket.pause();
      const accepted = Object.assign(socket, { accept: () => socket.resume() });
      resolve({ status: 101, webSocket: accepted } as unknown as Response);
    });
  });
}

function refusal(status: number, headers: Readonly<Record<string, string | string[] | undefined>>, body: string): Response {
  const known = Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as [string, string]] : []));
  return { status, ok: false, headers: new Headers(known), webSocket: null, text: () => Promise.resolve(body) } as unknown as Response;
}
