import { isObject } from "../decoding/json.ts";
import type { JsonObject } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";
import type { RequestJson, SocketAddress } from "../exchange.ts";

/** Without our pings a socket is closed after about 60 s, whatever it streams. */
export const PING_INTERVAL_MS = 18_000;

/** Asks for a token, which names the address of the classic socket. */
export async function classicAddress(request: RequestJson, rest: string, connectId: string): Promise<SocketAddress> {
  const body = await request(`${rest}/api/v1/bullet-public`, { method: "POST" });
  const data = isObject(body) && body.code === "200000" && isObject(body.data) ? body.data : {};
  const servers: readonly unknown[] = Array.isArray(data.instanceServers) ? data.instanceServers : [];
  const server = servers.find((entry): entry is JsonObject => isObject(entry) && typeof entry.endpoint === "string");
  if (typeof data.token !== "string" || data.token === "" || server === undefined) {
    throw new Error(`KuCoin bullet-public returned ${describe(body)}`);
  }
  // Sockets are opened by an HTTP request, so the URL must be an http one.
  const endpoint = String(server.endpoint).replace(/^ws/, "http");
  const url = `${endpoint}?token=${encodeURIComponent(data.token)}&connectId=${encodeURIComponent(connectId)}`;
  const pingInterval = readPositive(server.pingInterval);
  return pingInterval === null ? { url } : { url, keepaliveIntervalMs: Math.min(pingInterval, PING_INTERVAL_MS) };
}

export function subscribeFrame(id: string, topic: string): string {
  return JSON.stringify({ id, type: "subscribe", topic, privateChannel: false, response: true });
}

/** Describes an invalid response briefly, without the token. */
export function describe(body: unknown): string {
  if (!isObject(body)) return `not a JSON object but ${body === null ? "null" : typeof body}`;
  const code = body.code === undefined ? "no code" : `code ${JSON.stringify(body.code)}`;
  const message = typeof body.msg === "string" ? `, ${body.msg}` : "";
  const shape = isObject(body.data) ? `, data with ${Object.keys(body.data).join(", ") || "nothing"}` : "";
  return `${code}${message}${shape}`;
}
