import type { Context } from "hono";
import type { Config } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { FeedRefill, RefillableStore } from "../../../src/refill.ts";
import type { Caller } from "../../access/caller.ts";
import type { Env } from "../../env.ts";
import type { FeedReport } from "../../feeds.ts";
import type { RowMeter } from "../../d1/row-meter.ts";
import type { AnswerCache } from "./answer-cache.ts";
import type { CountedLimit } from "./counted-limit.ts";

/** The dependencies of the API: the clock and the feeds. */
export interface ApiDependencies {
  readonly now: () => number;
  readonly feedStatuses: (env: Env, config: Config) => Promise<readonly FeedReport[]>;
  /** The raw frame of a liquidation as JSON; null where the journal of its venue does not have it. */
  readonly journaledFrame: (env: Env, config: Config, exchange: ExchangeName, eventId: string) => Promise<string | null>;
  /** Null where every answer is computed. */
  readonly answers: AnswerCache | null;
  readonly refillFeeds: (env: Env, config: Config, store: RefillableStore, start: number) => Promise<readonly FeedRefill[]>;
}

export interface ApiEnv {
  readonly Bindings: Env;
  readonly Variables: {
    readonly requestId: string;
    readonly config: Config;
    readonly deps: ApiDependencies;
    readonly caller: Caller;
    /** The rows that D1 has read and written for the request. */
    readonly meter: RowMeter;
    /** The limits per minute that the request counts against, and how they stand. */
    readonly counted: readonly CountedLimit[];
  };
}

export type ApiContext = Context<ApiEnv>;
