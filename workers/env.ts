import type { Pipeline } from "cloudflare:pipelines";
import type { StreamRecord } from "../src/pipeline/stream-record.ts";
import type { ExportRun } from "./exports/export-workflow.ts";
import type { ExchangeFeed, MarketHub, WebhookOutbox } from "./index.ts";

/** The Worker's bindings; variables and secrets are read through `parseConfig` only. */
export interface Env {
  readonly EXCHANGE_FEED: DurableObjectNamespace<ExchangeFeed>;
  readonly MARKET_HUB: DurableObjectNamespace<MarketHub>;
  readonly WEBHOOK_OUTBOX: DurableObjectNamespace<WebhookOutbox>;
  readonly DB: D1Database;
  readonly BUCKET: R2Bucket;
  readonly EXPORT_WORKFLOW: Workflow<ExportRun>;
  readonly ASSETS: Fetcher;
  /** Counts by address. */
  readonly RATE_LIMIT?: RateLimit;
  /** Counts by key. */
  readonly KEY_RATE_LIMIT?: RateLimit;
  /** Takes liquidations on their way into an Iceberg table; absent where there is no such table (`docs/growing.md`). */
  readonly LIQUIDATION_STREAM?: Pipeline<StreamRecord>;
}
