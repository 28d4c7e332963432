import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { WebhookVerificationError, verifyWebhook } from "../../../../clients/typescript/src/index.ts";
import { formatSecret, signatures } from "../../../../src/webhooks/signature.ts";

const secret = formatSecret(randomBytes(32));
const other = formatSecret(randomBytes(32));
const SECONDS = 1_795_251_900;
const now = SECONDS * 1_000;
const body = '{"type":"signal.issued","timestamp":"2026-11-21T09:05:00.000Z","data":{"symbol":"BTC"}}';
const headersOf = (signature: string, id = "msg_1", timestamp = String(SECONDS)) => ({
  "webhook-id": id,
  "webhook-timestamp": timestamp,
  "webhook-signature": signature,
});

describe("a delivery is trusted", () => {
  test("as the server signs it, whatever its headers are in", async () => {
    const headers = headersOf(await signatures([secret], "msg_1", SECONDS, body));
    const expected = { id: "msg_1", time: now, event: JSON.parse(body) as object };
    expect(await verifyWebhook({ secret, headers, body, now })).toEqual(expected);
    expect(await verifyWebhook({ secret, headers: new Headers(headers), body: new TextEncoder().encode(body), now })).toEqual(expected);
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    expect(await verifyWebhook({ secret, headers: named, body, now })).toEqual(expected);
  });

  test("as the library of Standard Webhooks signs it", async () => {
    const headers = headersOf(new Webhook(secret).sign("msg_1", new Date(now), body));
    expect(await verifyWebhook({ secret, headers, body, now })).toMatchObject({ id: "msg_1" });
  });

  test("by either secret while one replaces another, on either side", async () => {
    const both = headersOf(await signatures([other, secret], "msg_1", SECONDS, body));
    expect(await verifyWebhook({ secret, headers: both, body, now })).toMatchObject({ id: "msg_1" });
    const one = headersOf(await signatures([other], "msg_1", SECONDS, body));
    expect(await verifyWebhook({ secret: [secret, other], headers: one, body, now })).toMatchObject({ id: "msg_1" });
  });
});

describe("a delivery is refused", async () => {
  const signature = await signatures([secret], "msg_1", SECONDS, body);
  test.each([
    ["with another body", headersOf(signature), `${body} `, now],
    ["of another id", headersOf(signature, "msg_2"), body, now],
    ["signed with another secret", headersOf(await signatures([other], "msg_1", SECONDS, body)), body, now],
    ["that is old", headersOf(signature), body, now + 300_001],
    ["of the future", headersOf(signature), body, now - 300_001],
    ["whose time is none", headersOf(signature, "msg_1", "now"), body, now],
    ["signed by another version", headersOf(signature.replace("v1,", "v2,")), body, now],
    ["whose signature is no base64", headersOf("v1,%%%"), body, now],
    ["without a signature", {}, body, now],
  ])("%s", async (_what, headers, given, time) => {
    await expect(verifyWebhook({ secret, headers, body: given, now: time })).rejects.toThrow(WebhookVerificationError);
  });
});

test("a secret that is none is named as such", async () => {
  await expect(verifyWebhook({ secret: "abc", headers: headersOf("v1,"), body, now })).rejects.toThrow("begins with whsec_");
});
