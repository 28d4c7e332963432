import type { Config } from "../../src/config.ts";
import { type Place, relaysFor } from "../../src/stream/relay-names.ts";
import type { ClientRequest } from "../../src/stream/relay-protocol.ts";
import type { Env } from "../env.ts";
import { relayOf } from "./relay-of.ts";

/** What became of a client that was passed on: a socket, or why there is none. */
export type Connected =
  | { readonly kind: "open"; readonly socket: WebSocket }
  /** No relay has room, or none answers. */
  | { readonly kind: "full" }
  | { readonly kind: "too_many"; readonly detail: string }
  | { readonly kind: "bad_cursor"; readonly detail: string };

/** Passes a client on to the nearest relay that has room. @param place where the client is; null where that is not known */
export function connectRelay(env: Env, config: Config, client: ClientRequest, place: Place | null): Promise<Connected> {
  const query = { max: String(config.STREAM_MAX_CLIENTS), client: JSON.stringify(client) };
  return askRelays(env, config, client.owner, place, query);
}

/** Counts a replay of an owner for as long as the socket is open. */
export function countReplay(env: Env, config: Config, owner: string, place: Place | null): Promise<Connected> {
  return askRelays(env, config, owner, place, { replay: owner });
}

async function askRelays(
  env: Env,
  config: Config,
  owner: string | null,
  place: Place | null,
  asked: Readonly<Record<string, string>>,
): Promise<Connected> {
  for (const relay of relaysFor(config.STREAM_RELAYS, place, hashOf(owner ?? crypto.randomUUID()))) {
    const query = new URLSearchParams({ relay, ...asked });
    const response = await relayOf(env, relay).fetch(`https://relay/?${query.toString()}`, { headers: { Upgrade: "websocket" } });
    const { status, webSocket: socket } = response;
    if (socket !== null) return { kind: "open", socket };
    const { detail } = await response.json<{ readonly detail: string }>();
    if (status === 429) return { kind: "too_many", detail };
    if (status === 400) return { kind: "bad_cursor", detail };
  }
  return { kind: "full" };
}

/** The place of a request as the platform knows it. */
export function placeOf({ cf }: Request): Place | null {
  const [latitude, longitude] = [Number(cf?.["latitude"] ?? Number.NaN), Number(cf?.["longitude"] ?? Number.NaN)];
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : null;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
