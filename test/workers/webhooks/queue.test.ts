import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { migrateStorage } from "../../../durable-objects/storage-schema.ts";
import { OUTBOX_SCHEMA } from "../../../durable-objects/webhook-outbox/outbox-schema.ts";
import { WebhookQueue } from "../../../durable-objects/webhook-outbox/webhook-queue.ts";
import { sampleEvent } from "./open-courier.ts";

const ATTEMPT = { time: 1, status: 200, latency_ms: 1, error: null, response: "ok" };

function withQueue(run: (queue: WebhookQueue) => void): Promise<void> {
  const stub = env.WEBHOOK_OUTBOX.getByName(`test-${crypto.randomUUID()}`);
  return runInDurableObject(stub, (_object, { storage }) => {
    migrateStorage(storage, OUTBOX_SCHEMA);
    run(new WebhookQueue(storage.sql));
  }) as Promise<void>;
}

test("of more than 1000 deliveries that wait, the oldest fails and says why", () =>
  withQueue((queue) => {
    for (let count = 0; count <= 1_000; count += 1) queue.add(`msg_${count}`, sampleEvent(), count);
    expect(queue.pending()).toBe(1_000);
    expect(queue.read("msg_0")).toMatchObject({ state: "failed", reason: "more than 1000 deliveries wait" });
    expect(queue.read("msg_1")).toMatchObject({ state: "pending" });
  }));

test("of finished deliveries the latest 1000 are kept, and of attempts the latest 20", () =>
  withQueue((queue) => {
    for (let count = 0; count <= 1_000; count += 1) {
      queue.add(`msg_${count}`, sampleEvent(), count);
      const delivery = queue.read(`msg_${count}`);
      if (delivery !== null) queue.note(delivery, delivery.tries + 1, ATTEMPT, { state: "delivered", reason: null });
    }
    expect(queue.prune(2_000)).toBe(true);
    expect([queue.read("msg_0"), queue.read("msg_1")?.state]).toEqual([null, "delivered"]);
    for (let time = 1; time <= 25; time += 1) {
      const delivery = queue.read("msg_1");
      if (delivery !== null) queue.note(delivery, delivery.tries + 1, { ...ATTEMPT, time }, { state: "delivered", reason: null });
    }
    expect(queue.read("msg_1")?.attempts.map(({ time }) => time)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
  }));

test("a delivery that changed while it was being logged is logged again", () =>
  withQueue((queue) => {
    queue.add("msg_1", sampleEvent(), 1);
    const logged = queue.unlogged(10);
    const [delivery] = logged;
    if (delivery !== undefined) queue.note(delivery, delivery.tries + 1, ATTEMPT, { time: 5_000 });
    queue.markLogged(logged);
    expect(queue.unlogged(10)).toMatchObject([{ webhook_id: "msg_1", next_attempt_time: 5_000 }]);
    queue.markLogged(queue.unlogged(10));
    expect(queue.unlogged(10)).toEqual([]);
  }));
