import type { Env } from "../../workers/env.ts";
import worker from "../../workers/index.ts";

/** The Worker without limits of requests, since thousands of clients connect from one address. */
export { ExchangeFeed, ExportWorkflow, JobWorkflow, MarketHub, StreamRelay, WebhookOutbox } from "../../workers/index.ts";

export default {
  fetch(request, { RATE_LIMIT: _byAddress, KEY_RATE_LIMIT: _byKey, ...env }, ctx) {
    return worker.fetch(request, env, ctx);
  },
  scheduled: worker.scheduled,
} satisfies ExportedHandler<Env>;
