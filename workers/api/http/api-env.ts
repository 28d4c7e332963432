import type { Context } from "hono";
import type { Config } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { FeedRefill, RefillableStore } from "../../../src/refill.ts";
import type { Caller } from "../../access/caller.ts";
import type { Env } from "../../env.ts";
import type { FeedReport } from "../../feeds.ts";

/** The dependencies of the API: the clock and the feeds. */
export interface ApiDependencies {
  readonly now: () => number;
  readonly feedStatuses: (env: Env, config: Config) => Promise<readonly FeedReport[]>;
  /** The raw frame of a liquidation as JSON; null where the journal of its venue does not have it. */
  readonly journaledFrame: (env: Env, config: Config, exchange: ExchangeName, eventId: string) => Promise<string | null>;
  readonly refillFeeds: (env: Env, config: Config, store: RefillableStore, start: number) => Promise<readonly FeedRefill[]>;
}

export interface ApiEnv {
  readonly Bindings: Env;
  readonly Variables: {
    readonly requestId: string;
    readonly config: Config;
    readonly deps: ApiDependencies;
    readonly caller: Caller;
  };
}

export type ApiContext = Context<ApiEnv>;
