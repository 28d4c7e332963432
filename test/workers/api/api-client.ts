import { env } from "cloudflare:workers";
import { createApi } from "../../../workers/api/app.ts";
import type { ApiDependencies } from "../../../workers/api/http/api-env.ts";
import type { Env } from "../../../workers/env.ts";
import { journaledFrame, refillFeeds } from "../../../workers/feeds.ts";

/** An answer's status, headers and JSON body, as loosely typed as a client sees it. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- a client of JSON has no types; a wrong path fails the test
  readonly body: any;
}

/** Asks the API at a fixed time, in the test's environment with these changes. */
export function rawApiClient(now: number, changes: Readonly<Record<string, unknown>> = {}, feedStatuses?: ApiDependencies["feedStatuses"]) {
  const api = createApi({
    now: () => now,
    feedStatuses: feedStatuses ?? (() => Promise.resolve([])),
    journaledFrame,
    refillFeeds,
    answers: null,
  });
  // Without the rate limits: their own tests bring limiters.
  const bindings = { ...env, RATE_LIMIT: undefined, KEY_RATE_LIMIT: undefined, ...changes } as unknown as Env;
  return async (path: string, init?: RequestInit): Promise<Response> => api.request(path, init, bindings);
}

/** The same for routes that answer JSON. */
export function apiClient(now: number, changes: Readonly<Record<string, unknown>> = {}, feedStatuses?: ApiDependencies["feedStatuses"]) {
  const ask = rawApiClient(now, changes, feedStatuses);
  return async (path: string, init?: RequestInit): Promise<Reply> => {
    const response = await ask(path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  };
}
