import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { MAX_FAILURES, MIN_FAILING_MS, MIN_NOTICE_MS, WARN_AFTER_MS } from "../../../durable-objects/webhook-outbox/webhook-courier.ts";
import { KEPT_MS } from "../../../durable-objects/webhook-outbox/webhook-queue.ts";
import { d1DeliveryLog } from "../../../workers/webhooks/delivery-log.ts";
import { openCourier, sampleEvent } from "./open-courier.ts";
import { openInbox, type Reply } from "./webhook-inbox.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

async function storeEndpoint(endpointId: string): Promise<void> {
  const sql = `INSERT INTO webhook_endpoints (endpoint_id, owner, sees_all, state, url, format, events, symbols, created_time)
    VALUES (?, 'admin', 1, 'open', '', '', '', '', 0)`;
  await env.DB.prepare(sql).bind(endpointId).run();
}
async function courierTo(replies: readonly Reply[], options: Omit<Parameters<typeof openCourier>[0], "target"> = {}) {
  const inbox = await openInbox(replies);
  return { inbox, ...openCourier({ target: { format: "standard", url: inbox.url }, ...options }) };
}
const failing = (count: number): Reply[] => Array.from({ length: count }, () => ({ status: 500, body: "down" }));

describe("an endpoint that fails", () => {
  test("three times gets the event once, after 5 s, 5 m and 30 m, under one id", async () => {
    const { inbox, publish, next, later, logged } = await courierTo(failing(3));
    const webhookId = await publish(sampleEvent());
    expect([await next(), await next(), await next(), await next()]).toEqual([0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE]);
    expect((await inbox.received()).map(({ headers }) => headers["webhook-id"])).toEqual(Array.from({ length: 4 }, () => webhookId));
    await later(24 * HOUR);
    expect(await inbox.received()).toHaveLength(4);
    const statuses = [500, 500, 500, 200].map((status) => ({ status }));
    expect(await logged()).toMatchObject([{ webhook_id: webhookId, state: "delivered", tries: 4, attempts: statuses }]);
  });

  test("is tried ten times over three days, then the delivery has failed and says why", async () => {
    const { publish, next, logged } = await courierTo(failing(10));
    await publish(sampleEvent());
    const waits = [];
    for (let tries = 1; tries <= 10; tries += 1) waits.push(await next());
    expect(waits).toEqual([0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)]);
    expect(await logged()).toMatchObject([{ state: "failed", tries: 10, reason: "HTTP 500", next_attempt_time: null }]);
  });

  test(`is disabled after ${MAX_FAILURES} failures in a row over 24 h, gets no more, and gets what waits once it is enabled`, async () => {
    const { inbox, endpointId, publish, later, disabled, inside } = await courierTo(failing(MAX_FAILURES));
    await storeEndpoint(endpointId);
    await publish(sampleEvent());
    await later(0);
    await later(WARN_AFTER_MS);
    await later(WARN_AFTER_MS);
    await later(MIN_FAILING_MS);
    for (let event = 5; event < MAX_FAILURES; event += 1) await publish(sampleEvent());
    await later(0);
    expect(await disabled()).toBeNull();
    await publish(sampleEvent());
    await later(0);
    expect(await disabled()).toMatchObject({ reason: "20 consecutive failed attempts, the last with: HTTP 500" });
    const shown = await env.DB.prepare("SELECT disabled_time, disabled_reason FROM webhook_endpoints WHERE endpoint_id = ?")
      .bind(endpointId)
      .first();
    expect(shown).toEqual({
      disabled_time: expect.any(Number),
      disabled_reason: "20 consecutive failed attempts, the last with: HTTP 500",
    });
    await later(HOUR);
    expect(await inbox.received()).toHaveLength(MAX_FAILURES);
    await inside((courier) => courier.enable());
    await later(0);
    expect(await inbox.received(), "one event had been attempted four times").toHaveLength(2 * MAX_FAILURES - 3);
    expect(await inside((courier) => [courier.pending, courier.memory.failures, courier.memory.disabled])).toEqual([0, 0, null]);
  });

  test("is shown as failing after half an hour, with the time from which it may be disabled, until it succeeds", async () => {
    const { endpointId, publish, later, now } = await courierTo(failing(4));
    await storeEndpoint(endpointId);
    const started = now();
    const shown = () =>
      env.DB.prepare("SELECT failing_since, will_be_disabled_time, failing_error FROM webhook_endpoints WHERE endpoint_id = ?")
        .bind(endpointId)
        .first();
    await publish(sampleEvent());
    for (const wait of [0, 5 * SECOND, 5 * MINUTE]) await later(wait);
    expect(await shown()).toEqual({ failing_since: null, will_be_disabled_time: null, failing_error: null });
    await later(30 * MINUTE);
    expect(await shown()).toEqual({
      failing_since: started,
      will_be_disabled_time: started + MIN_FAILING_MS,
      failing_error: "HTTP 500",
    });
    await later(2 * HOUR);
    expect(await shown()).toEqual({ failing_since: null, will_be_disabled_time: null, failing_error: null });
  });

  test("is not disabled within twelve hours of the warning, however long and often it failed before", async () => {
    const { publish, later, disabled } = await courierTo(failing(100));
    await publish(sampleEvent());
    await later(0);
    await later(MIN_FAILING_MS);
    const storm = async () => {
      for (let event = 0; event < MAX_FAILURES; event += 1) await publish(sampleEvent());
      await later(0);
    };
    await storm();
    await later(MIN_NOTICE_MS - 1);
    expect(await disabled()).toBeNull();
    await later(1);
    await storm();
    expect(await disabled()).toMatchObject({ reason: expect.stringContaining("20 consecutive failed attempts") });
  });

  test("is not disabled by any number of failures within a day", async () => {
    const { inbox, publish, later, disabled } = await courierTo(failing(2 * MAX_FAILURES));
    for (let event = 0; event < 2 * MAX_FAILURES; event += 1) {
      await publish(sampleEvent());
      await later(0);
    }
    expect(await inbox.received()).toHaveLength(2 * MAX_FAILURES);
    expect(await disabled()).toBeNull();
  });

  test("a success in between resets the count", async () => {
    const { publish, later, disabled } = await courierTo([...failing(MAX_FAILURES - 1), { status: 200 }, ...failing(MAX_FAILURES - 1)]);
    for (let event = 1; event < 2 * MAX_FAILURES; event += 1) {
      await publish(sampleEvent());
      await later(0);
    }
    expect(await disabled()).toBeNull();
  });

  test("with 410 is disabled at once and the event is not sent again", async () => {
    const { inbox, publish, later, disabled, logged } = await courierTo([{ status: 410 }]);
    await publish(sampleEvent());
    await later(0);
    expect(await disabled()).toMatchObject({ reason: "HTTP 410: the receiver wants no more deliveries" });
    expect(await logged()).toMatchObject([{ state: "failed", tries: 1 }]);
    await later(24 * HOUR);
    expect(await inbox.received()).toHaveLength(1);
  });

  test.each([429, 503])("with %i is left alone, by every event, for as long as it asks", async (status) => {
    const { inbox, publish, later, inside, now } = await courierTo([{ status, headers: { "Retry-After": "120" } }]);
    await publish(sampleEvent());
    await later(0);
    await publish(sampleEvent());
    await later(0);
    expect(await inside((courier) => courier.nextRunTime())).toBe(now() + 120 * SECOND);
    await later(119 * SECOND);
    expect(await inbox.received()).toHaveLength(1);
    await later(SECOND);
    expect(await inbox.received()).toHaveLength(3);
  });

  test("with a Retry-After of a day is asked again after five minutes", async () => {
    const dayLong = { status: 429, headers: { "Retry-After": "86400" } };
    const { inbox, publish, next } = await courierTo([dayLong, { status: 200 }]);
    await publish(sampleEvent());
    expect([await next(), await next()]).toEqual([0, 300 * SECOND]);
    expect(await inbox.received()).toHaveLength(2);
  });

  test("with a Retry-After of a day late in the schedule holds up no other event for longer than five minutes", async () => {
    const dayLong = { status: 429, headers: { "Retry-After": "86400" } };
    const { inbox, publish, next, later, inside, now } = await courierTo([...Array.from({ length: 3 }, () => ({ status: 500 })), dayLong]);
    await publish(sampleEvent());
    for (let attempt = 1; attempt <= 4; attempt += 1) await next();
    await publish(sampleEvent());
    await later(0);
    expect(await inside((courier) => courier.nextRunTime())).toBe(now() + 300 * SECOND);
    await later(300 * SECOND);
    expect(await inbox.received()).toHaveLength(5);
  });

  test("with 429 as often as it likes is not taken to be dead", async () => {
    const { publish, later, disabled } = await courierTo(Array.from({ length: 30 }, () => ({ status: 429 })));
    for (let event = 1; event <= 30; event += 1) {
      await publish(sampleEvent());
      await later(0);
    }
    expect(await disabled()).toBeNull();
  });

  test("with 429 and no wait is left alone for waits that double up to five minutes, and no such answer is a failed attempt", async () => {
    const { inbox, publish, next, inside, logged } = await courierTo(Array.from({ length: 12 }, () => ({ status: 429 })));
    await publish(sampleEvent());
    const waits = [];
    for (let attempt = 1; attempt <= 13; attempt += 1) waits.push(await next());
    expect(waits).toEqual([0, ...[5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300].map((seconds) => seconds * SECOND)]);
    expect(await inbox.received()).toHaveLength(13);
    expect(await inside((courier) => courier.memory.failures)).toBe(0);
    expect(await logged()).toMatchObject([{ state: "delivered", tries: 1 }]);
    await publish(sampleEvent());
    expect(await next(), "a success ends the waits").toBe(0);
  });

  test("with 429 and no wait gets one attempt a wait, however many events there are", async () => {
    const { inbox, publish, later } = await courierTo([{ status: 429 }, { status: 429 }]);
    await publish(sampleEvent());
    await later(0);
    for (let event = 1; event <= 20; event += 1) {
      await publish(sampleEvent());
      await later(0);
    }
    expect(await inbox.received()).toHaveLength(1);
  });

  test("by not answering in time is tried again", async () => {
    const timeouts = [1_000];
    const { inbox, publish, later, logged } = await courierTo([{ status: 200, hold: true }], {
      timeoutMs: () => timeouts.pop() ?? 15_000,
    });
    await publish(sampleEvent());
    await later(0);
    await later(5 * SECOND);
    await inbox.release();
    expect(await inbox.received()).toHaveLength(2);
    expect(await logged()).toMatchObject([
      { state: "delivered", attempts: [{ status: null, error: "no response within 1 s" }, { status: 200 }] },
    ]);
  });

  test("with a redirect is not followed", async () => {
    const elsewhere = await openInbox();
    const { publish, later, logged } = await courierTo([{ status: 307, headers: { Location: elsewhere.url } }]);
    await publish(sampleEvent());
    await later(0);
    expect(await elsewhere.received()).toEqual([]);
    expect(await logged()).toMatchObject([
      { state: "pending", attempts: [{ status: 307, error: "HTTP 307: redirects are not followed" }] },
    ]);
  });

  test("by not being there is tried again", async () => {
    const { publish, later, logged, inside } = openCourier({ target: { format: "standard", url: "http://127.0.0.1:1/hook" } });
    await publish(sampleEvent());
    await later(0);
    expect(await logged()).toMatchObject([
      { state: "pending", attempts: [{ status: null, error: expect.stringContaining("connection failed") }] },
    ]);
    expect(await inside((courier) => courier.memory.failures)).toBe(1);
  });
});

describe("an event", () => {
  test("published again under its id is delivered once, also after it was delivered", async () => {
    const { inbox, publish, later } = await courierTo([]);
    const event = sampleEvent();
    await publish(event);
    await publish(event);
    await later(0);
    await publish(event);
    await later(MINUTE);
    expect(await inbox.received()).toHaveLength(1);
  });

  test("is sent again by a replay, under the same id", async () => {
    const { inbox, publish, later, inside, logged } = await courierTo([]);
    const webhookId = await publish(sampleEvent());
    await later(0);
    expect(await inside((courier) => courier.replay(webhookId))).toBe("queued");
    await later(0);
    const received = await inbox.received();
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([webhookId, webhookId]);
    expect(received[0]?.body).toBe(received[1]?.body);
    expect(await logged()).toMatchObject([{ state: "delivered", attempts: [{ status: 200 }, { status: 200 }] }]);
  });

  test("that cannot be composed fails by itself and holds up no other", async () => {
    const { inbox, publish, later, logged } = await courierTo([]);
    await publish(sampleEvent({ id: "no time", time: 1e17 }));
    await publish(sampleEvent());
    await later(0);
    expect(await inbox.received()).toHaveLength(1);
    const attempts = (await logged()).filter(({ event_id }) => event_id === "no time");
    expect(attempts).toMatchObject([{ state: "pending", attempts: [{ error: expect.stringContaining("could not be built") }] }]);
  });

  test("that is unknown, or of a disabled endpoint, is not replayed", async () => {
    const { publish, later, inside } = await courierTo([{ status: 410 }]);
    expect(await inside((courier) => courier.replay("msg_1"))).toBe("unknown");
    const webhookId = await publish(sampleEvent());
    await later(0);
    expect(await inside((courier) => courier.replay(webhookId))).toBe("disabled");
  });

  test("is forgotten after seven days, here and in the log", async () => {
    const { publish, later, next, inside, logged } = await courierTo([]);
    await publish(sampleEvent());
    await later(0);
    expect(await logged()).toHaveLength(1);
    expect(await next()).toBe(KEPT_MS);
    expect(await logged()).toEqual([]);
    expect(await inside((courier) => courier.nextRunTime())).toBeNull();
  });
});

describe("the delivery log", () => {
  test("keeps the beginning of an answer, without secrets", async () => {
    const { publish, later, logged } = await courierTo([{ status: 500, body: `no:\n whsec_c2VjcmV0c2VjcmV0 ${"x".repeat(5_000)}` }]);
    await publish(sampleEvent());
    await later(0);
    const response = `no: … ${"x".repeat(194)}`;
    expect(await logged()).toMatchObject([{ attempts: [{ status: 500, response }] }]);
  });

  test("that does not respond holds up no delivery, and is notified later", async () => {
    let down = true;
    const real = d1DeliveryLog(env);
    const log = {
      ...real,
      write: (...rows: Parameters<typeof real.write>) => (down ? Promise.reject(new Error("down")) : real.write(...rows)),
    };
    const { inbox, publish, later, next, logged } = await courierTo([], { log });
    await publish(sampleEvent());
    await later(0);
    expect(await inbox.received()).toHaveLength(1);
    expect(await logged()).toEqual([]);
    down = false;
    await next();
    expect(await logged()).toMatchObject([{ state: "delivered", tries: 1 }]);
  });
});
