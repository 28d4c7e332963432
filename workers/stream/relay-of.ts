import type { StreamRelayObject } from "../../durable-objects/stream-relay/stream-relay.ts";
import { hintOfRelay } from "../../src/stream/relay-names.ts";
import type { Env } from "../env.ts";

/** A relay, at the location that its name says. A stub that has failed stays broken, so each call gets a new one. */
export function relayOf(env: Env, name: string): DurableObjectStub<StreamRelayObject<Env>> {
  const locationHint = hintOfRelay(name);
  return env.STREAM_RELAY.getByName(name, locationHint === undefined ? {} : { locationHint });
}
