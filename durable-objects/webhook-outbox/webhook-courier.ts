import { MAX_WAIT_MS } from "../../src/backoff.ts";
import type { Config } from "../../src/config.ts";
import { type AttemptResult, type Outgoing, unanswered } from "../../src/webhooks/attempt.ts";
import type { Delivery, DeliveryLog } from "../../src/webhooks/delivery.ts";
import { type EventOf, type QueuedEvent, webhookIdOf } from "../../src/webhooks/event.ts";
import { type Update, isUnchanged } from "../../src/webhooks/formats/chat-request.ts";
import { type Thread, threadOf } from "../../src/webhooks/formats/format.ts";
import { outgoingOf, targetOfSender } from "../../src/webhooks/outgoing.ts";
import { nextWait } from "../../src/webhooks/retry-schedule.ts";
import { MessageThreads, type ShownMessage } from "./message-threads.ts";
import { MinuteLimit } from "./minute-limit.ts";
import { WebhookEndpointMemory } from "./webhook-endpoint-memory.ts";
import { KEPT_MS, WebhookQueue } from "./webhook-queue.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";

/** A Worker may have six open connections: https://developers.cloudflare.com/workers/platform/limits/ */
const AT_ONCE = 6;
/** An endpoint counts as dead after this many consecutive failures, if they span this long: a busy one fails as often in minutes. */
export const MAX_FAILURES = 20;
export const MIN_FAILING_MS = 86_400_000;
/** Its owner is warned after this many consecutive failures that span half an hour, and at least twelve hours before. */
export const MIN_WARNED_FAILURES = 3;
export const WARN_AFTER_MS = 1_800_000;
export const MIN_NOTICE_MS = 43_200_000;
/** The wait after the first answer of 429 that names none. */
const BUSY_WAIT_MS = 5_000;
/** An answer of 429 within this time of the event is no failed attempt; the schedule of attempts ends as late. */
const BUSY_FOR_MS = 3 * 86_400_000;
/** Maximum duration of a run while there is always more to do; the next one continues. */
const RUN_MS = 60_000;
const LOG_RETRY_MS = 30_000;
const LOG_ROWS = 50;

export interface CourierDependencies {
  readonly storage: DurableObjectStorage;
  readonly config: Config;
  readonly log: DeliveryLog;
  readonly attempt: (outgoing: Outgoing) => Promise<AttemptResult>;
  readonly now: () => number;
  readonly random: () => number;
}

/** An episode, within which decisions on one window depend on each other. */
const ANSWERED_WITHIN_MS = 4 * 3_600_000;

/** The answers of a chat that no longer has the message, or does not let it be edited. */
const MESSAGE_GONE: ReadonlySet<number | null> = new Set([400, 403, 404]);

/** Delivers events to one endpoint: queue, attempts, log. A shell calls `run` whenever `nextRunTime` has come. */
export class WebhookCourier {
  readonly #deps: CourierDependencies;
  readonly #queue: WebhookQueue;
  readonly #endpointId: string;
  readonly memory: WebhookEndpointMemory;
  readonly #limit: MinuteLimit;
  readonly #threads: MessageThreads;
  #logRetryTime = 0;

  constructor(endpointId: string, deps: CourierDependencies) {
    this.#deps = deps;
    this.#endpointId = endpointId;
    this.#queue = new WebhookQueue(deps.storage.sql);
    this.memory = new WebhookEndpointMemory(deps.storage.kv);
    this.#limit = new MinuteLimit(deps.storage);
    this.#threads = new MessageThreads(deps.storage.sql);
  }

  /** Queues an event; an event with a known id is ignored. Returns the `webhook-id`. */
  async enqueue(event: QueuedEvent): Promise<string> {
    const webhookId = await webhookIdOf(event.id);
    this.#queue.add(webhookId, event, this.#deps.now());
    return webhookId;
  }

  /**
   * Queues large liquidations, of which at most ten within any 60 s are sent; the next one that is sent says how many were
   * not. One with a known id is ignored, whether it was sent or not.
   */
  async offer(events: readonly EventOf<"liquidation.large">[]): Promise<void> {
    const offered = await Promise.all(events.map(async (event) => ({ event, webhookId: await webhookIdOf(event.id) })));
    const now = this.#deps.now();
    this.#deps.storage.transactionSync(() => {
      for (const { event, webhookId } of offered) {
        if (this.#queue.read(webhookId) !== null || this.#limit.heldBack(webhookId)) continue;
        const not_sent = this.#limit.take(webhookId, now);
        if (not_sent !== null) this.#queue.add(webhookId, { ...event, data: { ...event.data, not_sent } }, now);
      }
    });
  }

  /** Number of large liquidations since the last one sent that were not sent. */
  get notSent(): number {
    return this.#limit.notSent;
  }

  /** Sends a delivery again, finished or not, with the same `webhook-id`. */
  replay(webhookId: string): "queued" | "unknown" | "disabled" {
    if (this.#queue.read(webhookId) === null) return "unknown";
    if (this.memory.disabled !== null) return "disabled";
    this.#queue.restart(webhookId, this.#deps.now());
    return "queued";
  }

  /** Enables a disabled endpoint; pending deliveries are sent. */
  enable(): void {
    this.memory.failures = 0;
    this.memory.pausedUntil = 0;
    this.memory.disabled = null;
    this.#queue.hurry(this.#deps.now());
  }

  get pending(): number {
    return this.#queue.pending();
  }

  /** The time at which `run` has something to do, ms; null where it has nothing. */
  nextRunTime(): number | null {
    const now = this.#deps.now();
    const attempt = this.memory.disabled === null ? this.#queue.nextAttemptTime() : null;
    const unlogged = this.memory.disabledUnlogged || this.memory.failingUnlogged || this.#queue.unlogged(1).length > 0;
    const oldest = this.#queue.oldestTime();
    const times = [
      ...(attempt === null ? [] : [Math.max(attempt, this.#pausedUntil)]),
      ...(unlogged ? [Math.max(now, this.#logRetryTime)] : []),
      ...(oldest === null ? [] : [Math.max(oldest + KEPT_MS, this.#logRetryTime)]),
    ];
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Attempts the due deliveries, then writes the log and deletes old entries. */
  async run(): Promise<void> {
    const { now } = this.#deps;
    const end = now() + RUN_MS;
    for (let due = this.#due(); due.length > 0 && now() < end; due = this.#due()) {
      await Promise.all(due.map((delivery) => this.#deliver(delivery)));
    }
    await this.writeLog();
  }

  /** Writes missing entries to the log; if it does not respond, the next run tries again. */
  async writeLog(): Promise<void> {
    const { log, now } = this.#deps;
    try {
      for (let rows = this.#queue.unlogged(LOG_ROWS); rows.length > 0; rows = this.#queue.unlogged(LOG_ROWS)) {
        await log.write(this.#endpointId, rows);
        this.#queue.markLogged(rows);
      }
      const { disabled } = this.memory;
      if (this.memory.disabledUnlogged) await log.setDisabled(this.#endpointId, disabled);
      if (this.memory.disabled?.time === disabled?.time) this.memory.markDisabledLogged();
      const { failing } = this.memory;
      if (this.memory.failingUnlogged) await log.setFailing(this.#endpointId, failing);
      if (this.memory.failing?.since === failing?.since) this.memory.markFailingLogged();
      this.#threads.prune(now() - KEPT_MS);
      if (this.#queue.prune(now())) await log.deleteBefore(this.#endpointId, this.#queue.oldestTime() ?? now());
    } catch (error) {
      this.#logRetryTime = now() + LOG_RETRY_MS;
      writeLog("error", { event: "webhook_log_failed", endpoint: this.#endpointId, error: messageOf(error) });
    }
  }

  /** A pause that seems longer than any that is kept comes from before the clock went back: it is over. */
  get #pausedUntil(): number {
    const { pausedUntil } = this.memory;
    return pausedUntil - this.#deps.now() > MAX_WAIT_MS ? 0 : pausedUntil;
  }

  #due(): readonly Delivery[] {
    const now = this.#deps.now();
    if (this.memory.disabled !== null || now < this.#pausedUntil) return [];
    const threads = new Set<string>();
    // Of messages about the same thing the first goes alone: the next one needs its id.
    return this.#queue.due(now, AT_ONCE).filter((delivery) => {
      const about = this.#threadOf(delivery)?.about;
      if (about === undefined) return true;
      const isFirst = !threads.has(about);
      threads.add(about);
      return isFirst;
    });
  }

  #threadOf({ event }: Delivery): Thread | null {
    const target = targetOfSender({ endpointId: this.#endpointId, target: this.memory.target }, this.#deps.config);
    return target === null ? null : threadOf(event, target);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const time = this.#deps.now();
    const own = this.#threadOf(delivery);
    const earlier = own === null ? null : this.#threads.read(own.about);
    const isOld = earlier !== null && delivery.event.time < earlier.time;
    if (isOld && own?.role === "update" && !wasDelivered(delivery)) {
      this.#queue.supersede(delivery.webhook_id, "a later message about the same was delivered before it");
      return;
    }
    // An old message that is sent again on request stands for itself.
    const thread = isOld || (own?.role === "reply" && !isAnswerable(earlier, delivery)) ? null : own;
    const update = this.#updateOf(thread, earlier);
    let result = asEdit(update, await this.#attempt(delivery, time, update));
    if (update.kind === "edit" && result.outcome === "failed" && MESSAGE_GONE.has(result.status)) {
      result = await this.#attempt(delivery, time, { kind: "new", isThread: true });
    }
    this.#deps.storage.transactionSync(() => {
      this.#noteThread(thread, earlier, delivery, result);
      this.#note(delivery, time, result);
    });
    writeLog("info", {
      event: "webhook_attempt",
      endpoint: this.#endpointId,
      webhook_id: delivery.webhook_id,
      type: delivery.event.type,
      try: delivery.tries + 1,
      outcome: result.outcome,
      status: result.status,
      latency_ms: result.latency_ms,
      error: result.error,
    });
  }

  #updateOf(thread: Thread | null, earlier: ShownMessage | null): Update {
    if (thread === null || earlier === null || thread.role === "first") return { kind: "new", isThread: thread !== null };
    const isEdit = thread.role === "update" && this.memory.updates === "edit";
    return { kind: isEdit ? "edit" : "reply", messageId: earlier.message_id };
  }

  /** Remembers the message that later ones edit or reply to: the first, or the one that took its place. */
  #noteThread(thread: Thread | null, earlier: ShownMessage | null, { event }: Delivery, result: AttemptResult): void {
    if (thread === null || result.outcome !== "delivered") return;
    const message_id = result.message_id ?? earlier?.message_id;
    if (message_id !== undefined) this.#threads.write(thread.about, { message_id, time: event.time }, this.#deps.now());
  }

  async #attempt({ webhook_id, event }: Delivery, time: number, update: Update): Promise<AttemptResult> {
    const sender = { endpointId: this.#endpointId, target: this.memory.target, secrets: this.memory.secrets(time) };
    try {
      const outgoing = await outgoingOf(sender, webhook_id, event, this.#deps.config, time, update);
      return outgoing === null ? unanswered("the secrets of this endpoint are no longer set", 0) : await this.#deps.attempt(outgoing);
    } catch (error) {
      // An event that cannot be encoded must not delay the ones behind it.
      return unanswered(`the request could not be built: ${String(error)}`, 0);
    }
  }

  #note(delivery: Delivery, time: number, result: AttemptResult): void {
    const { outcome, ...shown } = result;
    const now = this.#deps.now();
    const isBusy = outcome === "busy" && now - delivery.created_time < BUSY_FOR_MS;
    const asked = isBusy ? this.#busyWait(shown.retry_after_ms, now) : shown.retry_after_ms;
    const tries = isBusy ? delivery.tries : delivery.tries + 1;
    const wait = nextWait(Math.max(tries, 1), asked, this.#deps.random);
    const seen = { time, status: shown.status, latency_ms: shown.latency_ms, error: shown.error, response: shown.response };
    if (outcome === "delivered") this.#queue.note(delivery, tries, seen, { state: "delivered", reason: null });
    else if (outcome === "gone" || wait === null) this.#queue.note(delivery, tries, seen, { state: "failed", reason: shown.error });
    else this.#queue.note(delivery, tries, seen, { time: now + wait });
    if (asked !== null && wait !== null) this.memory.pausedUntil = now + Math.min(wait, MAX_WAIT_MS);
    if (outcome !== "busy") this.memory.busyAnswers = 0;
    this.#judgeEndpoint(result);
  }

  /** The wait of an endpoint that answers 429: what it asks for, else one that doubles with each such answer. */
  #busyWait(asked: number | null, now: number): number {
    // Of deliveries that are sent at once, the first answer decides.
    if (this.#pausedUntil > now) return asked ?? this.#pausedUntil - now;
    this.memory.busyAnswers += 1;
    return asked ?? Math.min(BUSY_WAIT_MS * 2 ** (this.memory.busyAnswers - 1), MAX_WAIT_MS);
  }

  /** An endpoint that is busy is alive: only failures count. */
  #judgeEndpoint({ outcome, error }: AttemptResult): void {
    if (outcome === "delivered") this.memory.failures = 0;
    if (outcome === "gone") this.disable(error ?? "HTTP 410");
    if (outcome !== "failed") return;
    this.memory.failures += 1;
    const now = this.#deps.now();
    const since = this.memory.failingSince(now);
    const isWarned = this.memory.failing !== null;
    if (!isWarned && this.memory.failures >= MIN_WARNED_FAILURES && now - since >= WARN_AFTER_MS) {
      const will_be_disabled_time = Math.max(since + MIN_FAILING_MS, now + MIN_NOTICE_MS);
      this.memory.failing = { since, will_be_disabled_time, error: error ?? "unknown" };
    }
    const { failing, failures } = this.memory;
    if (failing === null || now < failing.will_be_disabled_time || failures < MAX_FAILURES) return;
    this.disable(`${MAX_FAILURES} consecutive failed attempts, the last with: ${error}`);
  }

  /** Ends the deliveries until the endpoint is enabled. */
  disable(reason: string): void {
    if (this.memory.disabled !== null) return;
    this.memory.disabled = { time: this.#deps.now(), reason };
    writeLog("error", { event: "webhook_disabled", endpoint: this.#endpointId, reason });
  }
}

function wasDelivered({ attempts }: Delivery): boolean {
  return attempts.some(({ status, error }) => status !== null && error === null);
}

/** A reply to a message that is older, such as that of an earlier spike, would name the wrong one. */
function isAnswerable(earlier: ShownMessage | null, { event }: Delivery): boolean {
  return earlier !== null && event.time - earlier.time <= ANSWERED_WITHIN_MS;
}

/** An edit that changes nothing has been made before. */
function asEdit({ kind }: Update, result: AttemptResult): AttemptResult {
  const isDone = kind === "edit" && result.status === 400 && isUnchanged(result.response);
  return isDone ? { ...result, outcome: "delivered", error: null } : result;
}
