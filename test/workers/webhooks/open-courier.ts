import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { OUTBOX_SCHEMA } from "../../../durable-objects/webhook-outbox/outbox-schema.ts";
import { WebhookCourier } from "../../../durable-objects/webhook-outbox/webhook-courier.ts";
import { parseConfig } from "../../../src/config.ts";
import { attempt } from "../../../src/webhooks/attempt.ts";
import type { DeliveryLog } from "../../../src/webhooks/delivery.ts";
import type { QueuedEvent, WebhookEvent } from "../../../src/webhooks/event.ts";
import { SIGNED_FORMATS, type Target } from "../../../src/webhooks/formats/format.ts";
import { d1DeliveryLog } from "../../../workers/webhooks/delivery-log.ts";

export const SECRET = `whsec_${btoa("a secret of exactly 32 bytes ....")}`;

/** An event whose id is new unless given, with less in its record than a maker of events writes. */
export function sampleEvent(changes: Partial<QueuedEvent> = {}): WebhookEvent {
  const data = { signal_id: "sig_1", action: "BUY", symbol: "BTC", confidence: 72, reason: "Longs were flushed." };
  return {
    id: crypto.randomUUID(),
    type: "signal.issued",
    time: 1_700_000_000_000,
    symbol: "BTC",
    data,
    ...changes,
  } as QueuedEvent as WebhookEvent;
}

interface CourierOptions {
  readonly target: Target | null;
  readonly endpointId?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Of the attempt that begins. */
  readonly timeoutMs?: () => number;
  readonly log?: DeliveryLog;
}

/** A courier in an object of its own, with a clock that stands until it is moved; it sends for real. */
export function openCourier(options: CourierOptions) {
  const endpointId = options.endpointId ?? `whe_${crypto.randomUUID()}`;
  const stub = env.WEBHOOK_OUTBOX.getByName(`test-${crypto.randomUUID()}`);
  let now = Date.now();
  const inside = <R>(run: (courier: WebhookCourier, state: DurableObjectState) => R | Promise<R>): Promise<R> =>
    runInDurableObject(stub, async (_object, state) => {
      migrateStorage(state.storage, OUTBOX_SCHEMA);
      const courier = new WebhookCourier(endpointId, {
        storage: state.storage,
        config: parseConfig(options.variables ?? {}),
        log: options.log ?? d1DeliveryLog(env),
        attempt: (outgoing) =>
          attempt(outgoing, {
            fetch: (input, init) => fetch(input, init),
            resolve: () => Promise.reject(new Error("no name server here")),
            now: () => now,
            localDevelopment: true,
            timeoutMs: options.timeoutMs?.() ?? 15_000,
          }),
        now: () => now,
        random: () => 0,
      });
      if (courier.memory.endpointId === null)
        courier.memory.open(
          endpointId,
          options.target,
          options.target !== null && SIGNED_FORMATS.includes(options.target.format) ? SECRET : null,
        );
      return run(courier, state);
    }) as Promise<R>;
  /** Moves the clock on and runs the due attempts. */
  const later = async (ms: number): Promise<void> => {
    now += ms;
    await inside((courier) => courier.run());
  };
  return {
    endpointId,
    inside,
    now: () => now,
    later,
    /** Moves the clock to the next run and does it; gives how long that was, null where nothing is to be done. */
    async next(): Promise<number | null> {
      const time = await inside((courier) => courier.nextRunTime());
      if (time === null) return null;
      const wait = Math.max(0, time - now);
      await later(wait);
      return wait;
    },
    publish: (event: QueuedEvent) => inside((courier) => courier.enqueue(event)),
    disabled: () => inside((courier) => courier.memory.disabled),
    async logged(): Promise<readonly Record<string, unknown>[]> {
      const { results } = await env.DB.prepare("SELECT * FROM webhook_deliveries WHERE endpoint_id = ? ORDER BY created_time")
        .bind(endpointId)
        .all<Record<string, unknown>>();
      return results.map((row) => ({ ...row, attempts: JSON.parse(String(row["attempts"])) as unknown }));
    },
  };
}
