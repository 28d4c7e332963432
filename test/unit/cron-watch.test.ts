import { expect, test } from "vitest";
import { CronWatch } from "../../durable-objects/market-hub/cron-watch.ts";
import type { PublishOutcome, WebhookEvent } from "../../src/webhooks/event.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";

function watching() {
  const stored = new Map<string, unknown>();
  const events: WebhookEvent[] = [];
  let now = Date.UTC(2026, 10, 28, 12);
  let outcome: PublishOutcome = { kind: "queued" };
  const memory = {
    read: (key: string) => stored.get(key),
    write: (key: string, value: unknown) => void stored.set(key, JSON.parse(JSON.stringify(value))),
  };
  const publish = (event: WebhookEvent): Promise<PublishOutcome> => {
    if (outcome.kind === "queued") events.push(event);
    return Promise.resolve(outcome);
  };
  const open = () => new CronWatch({ memory, publish, now: () => now });
  return {
    events,
    open,
    pass: (ms: number) => (now += ms),
    refuse: (refuses: boolean) => {
      outcome = refuses ? { kind: "failed", reason: "D1 is down", final: false } : { kind: "queued" };
    },
    time: () => now,
  };
}

test("a cron that stops is published once, and once more when it runs again, also after a restart of the hub", async () => {
  const { events, open, pass, time } = watching();
  const last = time();
  await open().ran();
  pass(3 * MINUTE_MS - 1);
  await open().check();
  expect(events).toEqual([]);
  pass(1);
  const watch = open();
  await watch.check();
  await watch.check();
  pass(10 * MINUTE_MS);
  await open().check();
  expect(events).toMatchObject([{ type: "operations.degraded", data: { part: "cron", since: last } }]);
  await open().ran();
  await open().ran();
  expect(events.slice(1)).toMatchObject([
    { type: "operations.recovered", data: { part: "cron", since: last, recovered_time: time(), duration_ms: 13 * MINUTE_MS } },
  ]);
});

test("what could not be published is tried again", async () => {
  const { events, open, pass, refuse } = watching();
  const watch = open();
  await watch.ran();
  pass(5 * MINUTE_MS);
  refuse(true);
  await watch.check();
  refuse(false);
  await watch.check();
  expect(events.map(({ type }) => type)).toEqual(["operations.degraded"]);
  refuse(true);
  await watch.ran();
  refuse(false);
  await watch.ran();
  expect(events.map(({ type }) => type)).toEqual(["operations.degraded", "operations.recovered"]);
});

test("before the first run there is nothing to miss", async () => {
  const { events, open, pass } = watching();
  pass(60 * MINUTE_MS);
  await open().check();
  expect(events).toEqual([]);
});
