import type { Pipeline } from "cloudflare:pipelines";
import type { ExchangeFeedObject } from "../durable-objects/exchange-feed/exchange-feed.ts";
import type { MarketHubObject } from "../durable-objects/market-hub/market-hub.ts";
import type { StreamRelayObject } from "../durable-objects/stream-relay/stream-relay.ts";
import type { WebhookOutboxObject } from "../durable-objects/webhook-outbox/webhook-outbox.ts";
import type { ExportRun } from "../src/exports/export-run.ts";
import type { LongJobRun } from "../src/long-job-run.ts";
import type { StreamRecord } from "../src/pipeline/stream-record.ts";

/** The Worker's bindings; variables and secrets are read through `configOf` only. */
export interface Env {
  readonly EXCHANGE_FEED: DurableObjectNamespace<ExchangeFeedObject<Env>>;
  readonly MARKET_HUB: DurableObjectNamespace<MarketHubObject<Env>>;
  readonly WEBHOOK_OUTBOX: DurableObjectNamespace<WebhookOutboxObject<Env>>;
  readonly STREAM_RELAY: DurableObjectNamespace<StreamRelayObject<Env>>;
  readonly DB: D1Database;
  readonly BUCKET: R2Bucket;
  readonly EXPORT_WORKFLOW: Workflow<ExportRun>;
  readonly JOB_WORKFLOW: Workflow<LongJobRun>;
  readonly ASSETS: Fetcher;
  /** Which version of the Worker this is; absent where a local tool runs the Worker without it. */
  readonly VERSION?: WorkerVersionMetadata;
  /** Rate limit by address. */
  readonly RATE_LIMIT?: RateLimit;
  /** Rate limit by key. */
  readonly KEY_RATE_LIMIT?: RateLimit;
  /** The stream into an Iceberg table; absent where there is no such table (`docs/growing.md`). */
  readonly LIQUIDATION_STREAM?: Pipeline<StreamRecord>;
}
