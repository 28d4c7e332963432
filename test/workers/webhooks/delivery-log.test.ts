import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Delivery } from "../../../src/webhooks/delivery.ts";
import { readDeadLetters } from "../../../workers/d1/dead-letters.ts";
import { d1DeliveryLog } from "../../../workers/webhooks/delivery-log.ts";
import { sampleEvent } from "./open-courier.ts";

const delivery = (webhook_id: string, created_time: number): Delivery => ({
  webhook_id,
  event: sampleEvent(),
  created_time,
  state: "delivered",
  next_attempt_time: null,
  tries: 1,
  attempts: [],
  reason: null,
});

test("an entry that D1 refuses is given up with the reason, and those around it are logged", async () => {
  // D1 takes no fraction as a time.
  const entries = [delivery("msg_1", 1), delivery("msg_2", 2), delivery("msg_odd", 2.5), delivery("msg_3", 3)];
  await d1DeliveryLog(env).write("whe_1", entries);
  const { results } = await env.DB.prepare("SELECT webhook_id FROM webhook_deliveries ORDER BY created_time").all();
  expect(results).toEqual([{ webhook_id: "msg_1" }, { webhook_id: "msg_2" }, { webhook_id: "msg_3" }]);
  expect(await readDeadLetters(env.DB)).toMatchObject([
    { queue: "delivery_log", records: 1, newest_record: "whe_1 msg_odd", newest_reason: expect.stringContaining("SQLITE_CONSTRAINT") },
  ]);
});

test("an entry stays in the queue while D1 does not respond", async () => {
  const broken = { ...env, DB: env.DB } as { readonly DB: D1Database };
  const down = new Proxy(broken.DB, {
    get: (target, name) => (name === "batch" ? () => Promise.reject(new Error("D1 is down")) : (Reflect.get(target, name) as unknown)),
  });
  await expect(d1DeliveryLog({ DB: down }).write("whe_2", [delivery("msg_1", 1)])).rejects.toThrow("D1 is down");
});
