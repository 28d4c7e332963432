import type { Config } from "../../src/config.ts";
import { MAX_STREAMS_PER_ADDRESS, MAX_STREAMS_PER_KEY } from "../../src/stream/limits.ts";
import type { ClientRequest } from "../../src/stream/relay-protocol.ts";
import type { Caller } from "../access/caller.ts";
import { type ApiKey, readKey, readKeysOf, refusalOfKey } from "../access/keys.ts";
import { useTicket } from "../d1/stream-tickets.ts";

/** Whose streams are counted together, and until when this one is allowed. */
export type StreamOwner = Pick<ClientRequest, "owner" | "maxStreams" | "expires">;

const OF_ADDRESS = "address:";
const OF_ADMIN: StreamOwner = { owner: null, maxStreams: 0, expires: null };

export function ownerOfCaller(caller: Caller, address: string): StreamOwner {
  if (caller.kind === "admin") return OF_ADMIN;
  if (caller.kind === "public" || caller.isOverQuota) return ownerOfAddress(address);
  return ownerOfKey(caller.key);
}

/** The owner of the ticket that opens this stream, or why it opens none. A ticket is used up whatever comes of it. */
export async function ownerOfTicket(
  db: D1Database,
  config: Pick<Config, "PUBLIC_READ">,
  ticket: string,
  address: string,
  now: number,
): Promise<StreamOwner | { readonly refusal: string }> {
  const owner = await useTicket(db, ticket, now);
  if (owner === null) return { refusal: "The ticket does not exist, was used, or is older than 60 s." };
  if (owner === "admin") return OF_ADMIN;
  if (owner === "public") return config.PUBLIC_READ ? ownerOfAddress(address) : { refusal: "Streams need a key." };
  const key = await readKey(db, owner);
  const refusal = refusalOfStream(config, key, now);
  return key === null || refusal !== null ? { refusal: refusal ?? "" } : ownerOfKey(key);
}

/**
 * The owners among these who may have streams no longer, with the reason: their keys were revoked or have expired since.
 * An address has its streams until the server ends them.
 */
export async function refusedOwners(
  db: D1Database,
  config: Pick<Config, "PUBLIC_READ">,
  owners: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, string>> {
  const ids = owners.filter((owner) => !owner.startsWith(OF_ADDRESS));
  if (ids.length === 0) return new Map();
  const keys = await readKeysOf(db, ids);
  return new Map(
    ids.flatMap((id) => {
      const refusal = refusalOfStream(config, keys.get(id) ?? null, now);
      return refusal === null ? [] : [[id, refusal]];
    }),
  );
}

/** The reason why a key opens no stream; null where it does. */
function refusalOfStream({ PUBLIC_READ }: Pick<Config, "PUBLIC_READ">, key: ApiKey | null, now: number): string | null {
  if (key === null) return "The API key does not exist.";
  const mayRead = PUBLIC_READ || key.scopes.includes("read") || key.scopes.includes("admin");
  return refusalOfKey(key, now) ?? (mayRead ? null : "The API key lacks the scope read.");
}

/** Whether streams are counted by address, for want of a key that is allowed more. */
export function isCountedByAddress({ owner }: StreamOwner): boolean {
  return owner?.startsWith(OF_ADDRESS) === true;
}

function ownerOfKey({ key_id, expires_time }: ApiKey): StreamOwner {
  return { owner: key_id, maxStreams: MAX_STREAMS_PER_KEY, expires: expires_time };
}

function ownerOfAddress(address: string): StreamOwner {
  return { owner: `${OF_ADDRESS}${address}`, maxStreams: MAX_STREAMS_PER_ADDRESS, expires: null };
}
