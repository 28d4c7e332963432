import type { Disabled, Failing } from "../../src/webhooks/delivery.ts";
import type { Updates } from "../../src/webhooks/formats/chat-request.ts";
import type { Target } from "../../src/webhooks/formats/format.ts";

/** Time for which the previous secret still signs after a rotation. */
export const ROTATION_MS = 24 * 3_600_000;

interface SigningSecret {
  readonly secret: string;
  /** Time until which the secret signs, ms; null for the newest. */
  readonly until: number | null;
}

interface Rotation {
  readonly idempotencyKey: string;
  readonly time: number;
}

/**
 * The target and secrets of an endpoint. URLs and signing secrets are stored only here: they are needed to sign, so a
 * digest is not enough, and more people can read and export D1 than the storage of an object, which the platform
 * encrypts and no interface shows.
 */
export class WebhookEndpointMemory {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  get endpointId(): string | null {
    return this.#kv.get<string>("endpoint_id") ?? null;
  }

  /**
   * @param target null for a built-in endpoint
   * @param secret null for formats without a signature
   */
  open(endpointId: string, target: Target | null, secret: string | null): void {
    this.#kv.put("endpoint_id", endpointId);
    this.#kv.put("target", target);
    this.#kv.put("secrets", secret === null ? [] : [{ secret, until: null }]);
  }

  get target(): Target | null {
    return this.#kv.get<Target | null>("target") ?? null;
  }

  /** How later messages about the same thing are sent; the publisher of each event says it. */
  get updates(): Updates {
    return this.#kv.get<Updates>("updates") ?? "edit";
  }

  set updates(updates: Updates) {
    if (updates !== this.updates) this.#kv.put("updates", updates);
  }

  /** The secrets that sign now, newest first. */
  secrets(now: number): readonly string[] {
    return this.#secrets.filter(({ until }) => until === null || until > now).map(({ secret }) => secret);
  }

  /** The secret from creation, while it is the only one. */
  get firstSecret(): string | null {
    return this.#secrets.length === 1 ? (this.#secrets[0]?.secret ?? null) : null;
  }

  /** Time until which the previous secret also signs; null where there is none. */
  previousSecretExpiresTime(now: number): number | null {
    return this.#secrets.findLast(({ until }) => until !== null && until > now)?.until ?? null;
  }

  /** Returns the secret that signs from now on: a new one, or the one that the same request received before. */
  rotate(fresh: string, now: number, idempotencyKey: string | null): string {
    const last = this.#kv.get<Rotation>("rotation");
    const [current] = this.#secrets;
    const repeated = idempotencyKey !== null && last?.idempotencyKey === idempotencyKey && now - last.time < ROTATION_MS;
    if (repeated && current !== undefined) return current.secret;
    const older = this.#secrets.filter(({ until }) => until === null || until > now);
    this.#kv.put("secrets", [
      { secret: fresh, until: null },
      ...older.map(({ secret, until }) => ({ secret, until: until ?? now + ROTATION_MS })).slice(0, 4),
    ]);
    if (idempotencyKey !== null) this.#kv.put<Rotation>("rotation", { idempotencyKey, time: now });
    return fresh;
  }

  get failures(): number {
    return this.#kv.get<number>("failures") ?? 0;
  }

  set failures(count: number) {
    this.#kv.put("failures", count);
    if (count > 0) return;
    this.#kv.delete("failing_since");
    if (this.failing !== null) this.failing = null;
  }

  /** The failures that the owner is warned of; null while there are none. */
  get failing(): Failing | null {
    return this.#kv.get<Failing | null>("failing") ?? null;
  }

  /** Also records that the log must be written. */
  set failing(failing: Failing | null) {
    this.#kv.put("failing", failing);
    this.#kv.put("failing_unlogged", true);
  }

  get failingUnlogged(): boolean {
    return this.#kv.get<boolean>("failing_unlogged") ?? false;
  }

  markFailingLogged(): void {
    this.#kv.delete("failing_unlogged");
  }

  /** Time of the first of the consecutive failures, ms; `now` where there was none before. */
  failingSince(now: number): number {
    const since = this.#kv.get<number>("failing_since") ?? now;
    this.#kv.put("failing_since", since);
    return since;
  }

  /** Time until which the endpoint asked for no deliveries, ms. */
  get pausedUntil(): number {
    return this.#kv.get<number>("paused_until") ?? 0;
  }

  set pausedUntil(time: number) {
    this.#kv.put("paused_until", time);
  }

  /** Number of answers of 429 since the last other answer. */
  get busyAnswers(): number {
    return this.#kv.get<number>("busy_answers") ?? 0;
  }

  set busyAnswers(count: number) {
    if (count !== this.busyAnswers) this.#kv.put("busy_answers", count);
  }

  get disabled(): Disabled | null {
    return this.#kv.get<Disabled | null>("disabled") ?? null;
  }

  /** Also records that the log must be written. */
  set disabled(disabled: Disabled | null) {
    this.#kv.put("disabled", disabled);
    this.#kv.put("disabled_unlogged", true);
  }

  get disabledUnlogged(): boolean {
    return this.#kv.get<boolean>("disabled_unlogged") ?? false;
  }

  markDisabledLogged(): void {
    this.#kv.delete("disabled_unlogged");
  }

  get #secrets(): readonly SigningSecret[] {
    return this.#kv.get<readonly SigningSecret[]>("secrets") ?? [];
  }
}
