import { ExchangeFeedObject } from "../durable-objects/exchange-feed/exchange-feed.ts";
import { MarketHubObject } from "../durable-objects/market-hub/market-hub.ts";
import { WebhookOutboxObject } from "../durable-objects/webhook-outbox/webhook-outbox.ts";
import { exchanges } from "../src/exchanges/registry.ts";
import { configOf } from "../src/config.ts";
import { createApi } from "./api/app.ts";
import { runJobs } from "./cron/run-jobs.ts";
import { refusalOfCron } from "./cron/scheduled-call.ts";
import type { Env } from "./env.ts";
import { ExportWorkflowEntrypoint } from "./exports/export-workflow.ts";
import { hubDependencies } from "./hub-dependencies.ts";
import { d1Sink } from "./sinks/d1.ts";
import { pipelineSink } from "./sinks/pipeline.ts";
import { r2Sink } from "./sinks/r2.ts";
import { supabaseSink } from "./sinks/supabase.ts";
import { d1DeliveryLog } from "./webhooks/delivery-log.ts";

/** To add a sink, add one file and one entry here. */
const SINKS = [r2Sink, d1Sink, supabaseSink, pipelineSink];

export class ExchangeFeed extends ExchangeFeedObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { exchanges, sinks: SINKS });
  }
}

export class MarketHub extends MarketHubObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, hubDependencies);
  }
}

export class WebhookOutbox extends WebhookOutboxObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { deliveryLog: d1DeliveryLog });
  }
}

export class ExportWorkflow extends ExportWorkflowEntrypoint {}

const api = createApi();

export default {
  fetch: (request, env, ctx) => api.fetch(request, env, ctx),
  scheduled(controller, env) {
    const refusal = refusalOfCron(controller, configOf(env).LOCAL_CRON_KEY, Date.now());
    if (refusal !== null) throw new RangeError(`The cron run is refused: ${refusal}.`);
    return runJobs(env, controller.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
