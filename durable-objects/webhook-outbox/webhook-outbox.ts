import { DurableObject } from "cloudflare:workers";
import { type Config, configOf } from "../../src/config.ts";
import { ATTEMPT_TIMEOUT_MS, attempt } from "../../src/webhooks/attempt.ts";
import type { DeliveryLog, Disabled } from "../../src/webhooks/delivery.ts";
import { dnsOverHttps } from "../../src/webhooks/dns-over-https.ts";
import type { EventOf, QueuedEvent } from "../../src/webhooks/event.ts";
import type { Updates } from "../../src/webhooks/formats/chat-request.ts";
import { SIGNED_FORMATS, type Target } from "../../src/webhooks/formats/format.ts";
import { SECRET_BYTES, formatSecret } from "../../src/webhooks/signature.ts";
import { SelfRestart } from "../self-restart.ts";
import { migrateStorage } from "../storage-schema.ts";
import { OUTBOX_SCHEMA } from "./outbox-schema.ts";
import { WebhookCourier } from "./webhook-courier.ts";
import { WebhookEndpointMemory } from "./webhook-endpoint-memory.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

const FAULT_RETRY_MS = 30_000;

/** The state of an endpoint's deliveries; times in ms. */
export interface OutboxStatus {
  readonly pending: number;
  readonly consecutive_failures: number;
  /** Large liquidations since the last one sent that were not sent. */
  readonly not_sent: number;
  readonly previous_secret_expires_time: number | null;
  readonly disabled: Disabled | null;
}

/** The dependencies of an outbox, except the platform's: passed in by the Worker that exports the class. */
export interface OutboxDependencies<Env> {
  readonly deliveryLog: (env: Env) => DeliveryLog;
}

/**
 * The object of one endpoint, so that a slow endpoint delays no other: a shell that passes the platform's clock,
 * network, storage and alarm to `WebhookCourier`.
 */
export class WebhookOutboxObject<Env extends object> extends DurableObject<Env> {
  readonly #config: Config;
  readonly #deps: OutboxDependencies<Env>;
  readonly #restart: SelfRestart;
  #courier: WebhookCourier | null = null;

  constructor(ctx: DurableObjectState, env: Env, deps: OutboxDependencies<Env>) {
    super(ctx, env);
    this.#config = configOf(env);
    this.#deps = deps;
    this.#restart = new SelfRestart({
      object: "WebhookOutbox",
      abort: (reason) => ctx.abort(reason),
      storage: ctx.storage,
      now: Date.now,
    });
    const known = new WebhookEndpointMemory(ctx.storage.kv).endpointId;
    if (known !== null) this.#courier = this.#courierOf(known);
  }

  /**
   * Initializes this object for an endpoint; repeating it changes nothing.
   * @param target null for a built-in endpoint
   * @returns the signing secret, null where the format is not signed or the secret was rotated since
   */
  open(endpointId: string, target: Target | null): string | null {
    if (this.#courier === null) {
      const secret = target !== null && SIGNED_FORMATS.includes(target.format) ? freshSecret() : null;
      new WebhookEndpointMemory(this.ctx.storage.kv).open(endpointId, target, secret);
      this.#courier = this.#courierOf(endpointId);
    }
    return this.#courier.memory.firstSecret;
  }

  /**
   * Queues an event and sends it at once; returns its `webhook-id`, null where the endpoint is closed.
   * @param updates what the endpoint wants of later messages about the same thing
   */
  async enqueue(event: QueuedEvent, updates: Updates): Promise<string | null> {
    if (this.#courier !== null) this.#courier.memory.updates = updates;
    const webhookId = (await this.#courier?.enqueue(event)) ?? null;
    await this.#setAlarm();
    return webhookId;
  }

  /** Queues large liquidations, up to the allowed number, and sends them at once. */
  async offer(events: readonly EventOf<"liquidation.large">[]): Promise<void> {
    await this.#courier?.offer(events);
    await this.#setAlarm();
  }

  async replay(webhookId: string): Promise<"queued" | "unknown" | "disabled"> {
    const outcome = this.#courier?.replay(webhookId) ?? "unknown";
    await this.#setAlarm();
    return outcome;
  }

  /** Returns the new signing secret; the previous one also signs for 24 h. Null where deliveries are not signed. */
  rotate(idempotencyKey: string | null): string | null {
    const memory = this.#courier?.memory;
    if (memory === undefined || memory.secrets(Date.now()).length === 0) return null;
    return memory.rotate(freshSecret(), Date.now(), idempotencyKey);
  }

  /** Ends the deliveries until the endpoint is enabled. */
  async disable(reason: string): Promise<void> {
    this.#courier?.disable(reason);
    await this.#courier?.writeLog();
    await this.#setAlarm();
  }

  async enable(): Promise<void> {
    this.#courier?.enable();
    await this.#courier?.writeLog();
    await this.#setAlarm();
  }

  status(): OutboxStatus {
    const memory = this.#courier?.memory;
    return {
      pending: this.#courier?.pending ?? 0,
      not_sent: this.#courier?.notSent ?? 0,
      consecutive_failures: memory?.failures ?? 0,
      previous_secret_expires_time: memory?.previousSecretExpiresTime(Date.now()) ?? null,
      disabled: memory?.disabled ?? null,
    };
  }

  /** Deletes the endpoint, its secrets and its pending deliveries. */
  async close(): Promise<void> {
    this.#courier = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Alarms stop after six failures, so no error may escape, and the next alarm is set last. */
  override async alarm(): Promise<void> {
    try {
      await this.#courier?.run();
      await this.#setAlarm();
      this.#restart.succeeded("storage");
    } catch (error) {
      this.#restart.failed(error);
      writeLog("error", { event: "webhook_run_failed", error: messageOf(error) });
      if (this.#courier !== null) await this.ctx.storage.setAlarm(Date.now() + FAULT_RETRY_MS);
    }
  }

  async #setAlarm(): Promise<void> {
    const time = this.#courier?.nextRunTime() ?? null;
    if (time !== null) await this.ctx.storage.setAlarm(time);
  }

  /** Works also after `close`, which deletes the table. */
  #courierOf(endpointId: string): WebhookCourier {
    migrateStorage(this.ctx.storage, OUTBOX_SCHEMA);
    const { LOCAL_DEVELOPMENT } = this.#config;
    const deps = {
      fetch: send,
      resolve: dnsOverHttps(send),
      now: Date.now,
      localDevelopment: LOCAL_DEVELOPMENT,
      timeoutMs: ATTEMPT_TIMEOUT_MS,
    };
    return new WebhookCourier(endpointId, {
      storage: this.ctx.storage,
      config: this.#config,
      log: this.#deps.deliveryLog(this.env),
      attempt: (outgoing) => attempt(outgoing, deps),
      now: Date.now,
      random: Math.random,
    });
  }
}

const send: typeof fetch = (input, init) => fetch(input, init);

function freshSecret(): string {
  return formatSecret(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}
