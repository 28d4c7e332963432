import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { webhookIdOf } from "../../../src/webhooks/event.ts";
import { SECRET_BYTES, formatSecret, signatures } from "../../../src/webhooks/signature.ts";

const secret = () => formatSecret(randomBytes(SECRET_BYTES));
const body = JSON.stringify({ type: "signal.issued", data: { reason: "naïve – ✓" } });

test("signs as the official package does", async () => {
  const [one, id, seconds] = [secret(), await webhookIdOf("sig.1"), 1_700_000_000];
  expect(await signatures([one], id, seconds, body)).toBe(new Webhook(one).sign(id, new Date(seconds * 1_000), body));
});

test("signs with each secret, so that the holder of either accepts it", async () => {
  const [fresh, old, id, seconds] = [secret(), secret(), await webhookIdOf("sig.1"), Math.floor(Date.now() / 1_000)];
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": await signatures([fresh, old], id, seconds, body),
  };
  expect(new Webhook(fresh).verify(body, headers)).toEqual(JSON.parse(body));
  expect(new Webhook(old).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => new Webhook(secret()).verify(body, headers)).toThrow("No matching signature found");
});

test("an event's id becomes a webhook-id that is the same each time and safe in a header", async () => {
  expect(await webhookIdOf("feed.degraded:okx:1 – é\n")).toMatch(/^msg_[\da-f]{32}$/);
  expect(await webhookIdOf("a")).toBe(await webhookIdOf("a"));
  expect(await webhookIdOf("a")).not.toBe(await webhookIdOf("b"));
});
