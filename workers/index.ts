import { ExchangeFeedObject } from "../durable-objects/exchange-feed/exchange-feed.ts";
import { MarketHubObject } from "../durable-objects/market-hub/market-hub.ts";
import { StreamRelayObject } from "../durable-objects/stream-relay/stream-relay.ts";
import { WebhookOutboxObject } from "../durable-objects/webhook-outbox/webhook-outbox.ts";
import { exchanges } from "../src/exchanges/registry.ts";
import { MINUTE_MS } from "../src/windows/calendar.ts";
import { configOf } from "../src/config.ts";
import { isScreen, isVisit } from "../src/is-screen.ts";
import { createApi } from "./api/app.ts";
import { runJobs } from "./cron/run-jobs.ts";
import { LongJobWorkflowEntrypoint } from "./cron/long-jobs/long-job-workflow.ts";
import { refusalOfCron } from "./cron/scheduled-call.ts";
import type { Env } from "./env.ts";
import { ExportWorkflowEntrypoint } from "./exports/export-workflow.ts";
import { usageTally } from "../durable-objects/usage-tally.ts";
import { meteredEnv } from "./usage/metered-env.ts";
import { OBJECT_STORES_MS, storeUsage } from "./usage/platform-usage.ts";
import { hubDependencies } from "./hub-dependencies.ts";
import { relayDependencies } from "./stream/relay-dependencies.ts";
import { missingScreenPage, screenPage } from "./screen-page.ts";
import { d1Sink } from "./sinks/d1.ts";
import { pipelineSink } from "./sinks/pipeline.ts";
import { r2Sink } from "./sinks/r2.ts";
import { supabaseSink } from "./sinks/supabase.ts";
import { d1DeliveryLog } from "./webhooks/delivery-log.ts";

/** To add a sink, add one file and one entry here. */
const SINKS = [r2Sink, d1Sink, supabaseSink, pipelineSink];

export class ExchangeFeed extends ExchangeFeedObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, meteredEnv(env), {
      exchanges,
      sinks: SINKS,
      storeUsage: ({ DB }) => storeUsage(DB, Date.now(), OBJECT_STORES_MS),
    });
  }
}

export class MarketHub extends MarketHubObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, meteredEnv(env), hubDependencies);
  }
}

export class WebhookOutbox extends WebhookOutboxObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, meteredEnv(env), { deliveryLog: d1DeliveryLog });
  }
}

export class StreamRelay extends StreamRelayObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, meteredEnv(env), relayDependencies);
  }
}

export class ExportWorkflow extends ExportWorkflowEntrypoint {}

export class JobWorkflow extends LongJobWorkflowEntrypoint {}

const api = createApi();

export default {
  async fetch(request, env, ctx) {
    usageTally.add("worker_requests");
    if (isScreen(request)) return screenPage(request, env);
    const response = await api.fetch(request, meteredEnv(env), ctx);
    ctx.waitUntil(storeUsage(env.DB, Date.now(), MINUTE_MS));
    if (response.status === 404 && isVisit(request)) return missingScreenPage(request, env);
    return response;
  },
  async scheduled(controller, env) {
    const refusal = refusalOfCron(controller, configOf(env).LOCAL_CRON_KEY, Date.now());
    if (refusal !== null) throw new RangeError(`The cron run is refused: ${refusal}.`);
    usageTally.add("worker_requests");
    await runJobs(meteredEnv(env), controller.scheduledTime);
    await storeUsage(env.DB, Date.now(), MINUTE_MS);
  },
} satisfies ExportedHandler<Env>;
