import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import type { RelayDependencies } from "../../durable-objects/stream-relay/stream-relay.ts";
import { configOf } from "../../src/config.ts";
import type { Env } from "../env.ts";
import { OBJECT_STORES_MS, storeUsage } from "../usage/platform-usage.ts";
import { refusedOwners } from "./caller-of-stream.ts";

const hub = (env: Env) => hubOf(env, configOf(env));

/** The dependencies of a relay on the hub and the database. */
export const relayDependencies: RelayDependencies<Env> = {
  attach: (env, relay) => hub(env).attachRelay(relay),
  picture: (env) => hub(env).streamPicture(),
  read: (env, after) => hub(env).readStream(after),
  timeAfter: (env, sequence) => hub(env).streamTimeAfter(sequence),
  refusedOwners: (env, owners) => refusedOwners(env.DB, configOf(env), owners, Date.now()),
  storeUsage: (env) => storeUsage(env.DB, Date.now(), OBJECT_STORES_MS),
};
