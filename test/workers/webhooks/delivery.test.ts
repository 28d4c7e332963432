import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { announceFeedHealth } from "../../../workers/webhooks/announce-feed-health.ts";
import { publishEvent } from "../../../workers/webhooks/publish-event.ts";
import { apiClient } from "../api/api-client.ts";
import { SECRET, openCourier, sampleEvent } from "./open-courier.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { until } from "../until.ts";
import { type Received, openInbox } from "./webhook-inbox.ts";

const config = parseConfig({});
const ask = apiClient(Date.now(), { ADMIN_TOKEN: "s3cret-s3cret-s3cret-s3cret-s3cret" });
const call = (method: string, path: string, body: object = {}) =>
  ask(path, {
    method,
    headers: { Authorization: "Bearer s3cret-s3cret-s3cret-s3cret-s3cret" },
    ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
  });

async function endpoint(replies: Parameters<typeof openInbox>[0] = [], filter: object = {}) {
  const inbox = await openInbox(replies);
  const { body } = await call("POST", "/v1/webhooks", { url: inbox.url, ...filter });
  const id = String(body.data.id);
  return { ...inbox, id, secret: String(body.data.secret), outbox: env.WEBHOOK_OUTBOX.getByName(id) };
}
const verified = (secret: string, { body, headers }: Received) => new Webhook(secret).verify(body, { ...headers });

describe("a published event", () => {
  test("reaches its endpoints at once, signed so that the official package accepts it", async () => {
    const { received, secret } = await endpoint();
    const event = sampleEvent();
    await publishEvent(env, config, event);
    await until("the event is received", async () => (await received()).length === 1);
    const [request] = (await received()) as [Received];
    expect(verified(secret, request)).toEqual({ type: "signal.issued", timestamp: "2023-11-14T22:13:20.000Z", data: event.data });
    expect(() => verified(SECRET, request)).toThrow("No matching signature found");
    expect(() => verified(secret, { ...request, body: request.body.replace("BUY", "SELL") })).toThrow("No matching signature found");
  });

  test("goes to those endpoints only whose filters let it through", async () => {
    const all = await endpoint();
    const otherType = await endpoint([], { events: ["cascade.started"] });
    const otherSymbol = await endpoint([], { symbols: ["ETH"] });
    const same = await endpoint([], { events: ["signal.issued"], symbols: ["btc"] });
    await publishEvent(env, config, sampleEvent({ id: "filtered" }));
    await publishEvent(env, config, sampleEvent({ id: "without-symbol", type: "feed.degraded", symbol: null }));
    await until("they are received", async () => (await all.received()).length === 2 && (await otherSymbol.received()).length === 1);
    const types = async ({ received }: typeof all) => (await received()).map(({ body }) => JSON.parse(body).type as string).toSorted();
    expect(await types(all)).toEqual(["feed.degraded", "signal.issued"]);
    expect(await types(same)).toEqual(["signal.issued"]);
    expect(await types(otherSymbol)).toEqual(["feed.degraded"]);
    expect(await types(otherType)).toEqual([]);
  });

  test("published twice is delivered once to each", async () => {
    const { received } = await endpoint();
    const event = sampleEvent();
    await Promise.all([publishEvent(env, config, event), publishEvent(env, config, event)]);
    await publishEvent(env, config, event);
    const marker = sampleEvent();
    await publishEvent(env, config, marker);
    await until("the one after it is received", async () => (await received()).length >= 2);
    expect(new Set((await received()).map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    expect(await received()).toHaveLength(2);
  });

  test("does not wait for a slow endpoint, neither in publishing nor at another endpoint", async () => {
    const slow = await endpoint([{ status: 200, hold: true }]);
    const quick = await endpoint();
    await publishEvent(env, config, sampleEvent());
    await until("both are asked", async () => (await slow.received()).length === 1 && (await quick.received()).length === 1);
    // The slow one has not answered yet, and the quick one is sent the next event too.
    await publishEvent(env, config, sampleEvent());
    await until("the quick one has the next", async () => (await quick.received()).length === 2);
    expect(await slow.received()).toHaveLength(1);
    await slow.release();
    await until("the slow one has the next", async () => (await slow.received()).length === 2);
  });

  test("is delivered after the object was lost and came back", async () => {
    const { received, outbox } = await endpoint([{ status: 500 }]);
    await publishEvent(env, config, sampleEvent());
    await until("it was tried", async () => (await received()).length === 1 && (await outbox.status()).consecutive_failures === 1);
    await evictDurableObject(outbox);
    await runInDurableObject(outbox, (_object, state) => {
      state.storage.sql.exec("UPDATE deliveries SET next_attempt_time = 0");
    });
    await runDurableObjectAlarm(outbox);
    expect((await received()).map(({ headers }) => headers["webhook-id"])).toHaveLength(2);
    expect(await outbox.status()).toMatchObject({ pending: 0, consecutive_failures: 0 });
  });

  test("never throws, whatever is broken", async () => {
    const broken = { ...env, DB: null } as unknown as typeof env;
    await expect(publishEvent(broken, config, sampleEvent())).resolves.toMatchObject({ kind: "failed", final: false });
    const huge = sampleEvent({ data: { text: "x".repeat(300_000) } });
    await expect(publishEvent(env, config, huge)).resolves.toMatchObject({ kind: "failed", final: true });
  });
});

describe("signing secrets", () => {
  test("both the new and the old one sign for 24 h after a rotation, then only the new", async () => {
    const inbox = await openInbox();
    const { publish, later, inside, now } = openCourier({ target: { format: "standard", url: inbox.url } });
    const fresh = `whsec_${btoa("another secret of 32 bytes ......")}`;
    await inside((courier) => courier.memory.rotate(fresh, now(), null));
    await publish(sampleEvent());
    await later(0);
    const [first] = (await inbox.received()) as [Received];
    expect(verified(fresh, first)).toEqual(verified(SECRET, first));
    await publish(sampleEvent());
    await later(86_400_000);
    const second = (await inbox.received())[1];
    expect(first.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(second?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
  });
});

describe("chat formats", () => {
  test("Telegram is sent to the configured bot's chat, and its token is not in the log", async () => {
    const inbox = await openInbox([{ status: 401, body: '{"ok":false,"description":"bot 123:abcdefghijkl is unauthorized"}' }]);
    const variables = { TELEGRAM_BOT_TOKEN: "123:abcdefghijkl", TELEGRAM_CHAT_ID: "-100", TELEGRAM_BASE_URL: inbox.url };
    const { publish, later, logged } = openCourier({ endpointId: "telegram", target: null, variables });
    await publish(sampleEvent());
    await later(0);
    const [request] = (await inbox.received()) as [Received];
    expect(request.path).toMatch(/\/bot123:abcdefghijkl\/sendMessage$/);
    expect(JSON.parse(request.body)).toMatchObject({ chat_id: "-100", parse_mode: "HTML" });
    expect(JSON.stringify(await logged())).toContain("is unauthorized");
    expect(JSON.stringify(await logged())).not.toContain("abcdefghijkl");
  });

  test("Telegram's wait is honoured where only its body names it", async () => {
    const body = '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 31","parameters":{"retry_after":31}}';
    const inbox = await openInbox(Array.from({ length: 11 }, () => ({ status: 429, body })));
    const target = { format: "telegram", chatId: "-100", botToken: "123:abcdefghijkl" } as const;
    const { publish, next, logged } = openCourier({ target, variables: { TELEGRAM_BASE_URL: inbox.url } });
    await publish(sampleEvent());
    const waits = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) waits.push(await next());
    expect(waits).toEqual([0, ...Array.from({ length: 11 }, () => 31_000)]);
    expect(await logged(), "a chat that is busy loses no message").toMatchObject([{ state: "delivered" }]);
  });

  test("Discord's wait is honoured where only its body names it", async () => {
    const inbox = await openInbox([{ status: 429, body: '{"message":"You are being rate limited.","retry_after":7.5}' }]);
    const { publish, next } = openCourier({ endpointId: "discord", target: null, variables: { DISCORD_WEBHOOK_URL: inbox.url } });
    await publish(sampleEvent());
    expect([await next(), await next()]).toEqual([0, 7_500]);
    expect(await inbox.received()).toHaveLength(2);
  });
});

const watch = (state: "live" | "stale", since: number, at: number) =>
  announceFeedHealth(env, config, [{ exchange: "okx", status: sampleFeedStatus({ exchange: "okx", state, since }), error: null }], at);

describe("the watchdog's run", () => {
  test("says once that a feed is degraded, and once that it has recovered", async () => {
    const { received } = await endpoint([], { events: ["feed.degraded", "feed.recovered"] });
    const minute = 60_000;
    const published = [
      await watch("live", 0, minute),
      await watch("stale", minute + 1, 2 * minute),
      await watch("stale", minute + 1, 3 * minute),
      await watch("stale", minute + 1, 3 * minute),
      await watch("stale", minute + 1, 4 * minute),
      await watch("live", 5 * minute - 1, 5 * minute),
      await watch("live", 5 * minute - 1, 6 * minute),
    ].map((record) => record.published);
    expect(published).toEqual([[], [], [`feed.degraded:okx:${minute + 1}`], [], [], [`feed.recovered:okx:${minute + 1}`], []]);
    await until("both are received", async () => (await received()).length === 2);
  });
});
