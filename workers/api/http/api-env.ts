import type { Context } from "hono";
import type { Config } from "../../../src/config.ts";
import type { Caller } from "../../access/caller.ts";
import type { Env } from "../../env.ts";
import type { FeedReport } from "../../feeds.ts";

/** What the API takes from outside: the clock and the feeds' own words. */
export interface ApiSurroundings {
  readonly now: () => number;
  readonly feedStatuses: (env: Env, config: Config) => Promise<readonly FeedReport[]>;
}

export interface ApiEnv {
  readonly Bindings: Env;
  readonly Variables: {
    readonly requestId: string;
    readonly config: Config;
    readonly around: ApiSurroundings;
    readonly caller: Caller;
  };
}

export type ApiContext = Context<ApiEnv>;
