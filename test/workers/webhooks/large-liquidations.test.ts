import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { largeLiquidation } from "../../../src/webhooks/make-event.ts";
import { hubWatch } from "../../../workers/cron/hub-watch.ts";
import { WEBHOOK_EVENTS } from "../../../workers/api/schemas/webhook-event.ts";
import { apiClient } from "../api/api-client.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { openCourier } from "./open-courier.ts";
import { openInbox } from "./webhook-inbox.ts";

const TOKEN = "s3cret-s3cret-s3cret-s3cret-s3cret";
const MIN_USD = { BTC: 1_000_000, "*": 250_000 };
const hub = () => env.MARKET_HUB.getByName("hub");

async function call(method: string, path: string, body?: object) {
  const ask = apiClient(Date.now(), { ADMIN_TOKEN: TOKEN });
  const init = { method, headers: { Authorization: `Bearer ${TOKEN}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return ask(`/v1/webhooks${path}`, init);
}

/** An endpoint for large liquidations that the hub knows of. */
async function openEndpoint(changes: object = { min_usd: MIN_USD }) {
  const inbox = await openInbox();
  const { body } = await call("POST", "", { url: inbox.url, events: ["liquidation.large"], ...changes });
  await hubWatch(env, parseConfig({}), Date.now());
  const received = async () =>
    (await inbox.received()).map(({ body: text }) => JSON.parse(text) as { type: string; data: Record<string, unknown> });
  return {
    id: String(body.data.id),
    received,
    ids: async () => (await received()).map(({ data }) => data["event_id"]),
  };
}

let made = 0;

function liquidation(changes: Partial<Liquidation>): Liquidation {
  made += 1;
  const now = Date.now();
  return sampleLiquidation({ event_id: `binance:large:${made}`, event_time: now - 50, received_time: now, ...changes });
}

const outboxRows = () => runInHub((sql) => sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM large_outbox").one().rows);

async function runInHub<R>(read: (sql: SqlStorage) => R): Promise<R> {
  return runInDurableObject(hub(), (_object, state) => read(state.storage.sql)) as Promise<R>;
}

afterEach(async () => {
  const { body } = await call("GET", "");
  for (const { id } of body.data as { id: string }[]) await call("DELETE", `/${id}`);
  await hubWatch(env, parseConfig({}), Date.now());
});

test("an event over its threshold arrives once, enriched; under it, inferred or without USD it does not", async () => {
  const endpoint = await openEndpoint();
  const large = liquidation({ usd_value: 1_000_000 });
  const other = liquidation({ symbol: "ETH", usd_value: 250_000 });
  const unwanted = [
    liquidation({ usd_value: 999_999 }),
    liquidation({ symbol: "ETH", usd_value: 249_999 }),
    liquidation({ usd_value: 5e6, coverage: "inferred" }),
    liquidation({ usd_value: null }),
  ];
  await hub().observe([large, ...unwanted]);
  await hub().observe([large, other]);
  await until("both", async () => (await endpoint.ids()).length >= 2 && (await outboxRows()) === 0);
  expect((await endpoint.ids()).toSorted()).toEqual([large.event_id, other.event_id].toSorted());
  const first = (await endpoint.received()).find(({ data }) => data["event_id"] === large.event_id);
  expect(first).toMatchObject({ type: "liquidation.large", data: { usd_value: 1_000_000, not_sent: 0, concurrent_exchanges: 1 } });
  expect(WEBHOOK_EVENTS["liquidation.large"].data.parse(first?.data)).toEqual(first?.data);
});

test("each endpoint has its own threshold and base assets", async () => {
  const [one, two] = [await openEndpoint({ min_usd: 300_000, symbols: ["ETH"] }), await openEndpoint({ min_usd: { BTC: 2_000_000 } })];
  const [eth, btc] = [liquidation({ symbol: "ETH", usd_value: 400_000 }), liquidation({ usd_value: 3_000_000 })];
  await hub().observe([eth, btc, liquidation({ usd_value: 500_000 }), liquidation({ symbol: "SOL", usd_value: 9_000_000 })]);
  await until("one for each", async () => (await one.ids()).length > 0 && (await two.ids()).length > 0 && (await outboxRows()) === 0);
  expect([await one.ids(), await two.ids()]).toEqual([[eth.event_id], [btc.event_id]]);
});

test("after restarts of all objects each still arrives once", async () => {
  const endpoint = await openEndpoint();
  const first = liquidation({ usd_value: 2_000_000 });
  await hub().observe([first]);
  await abortAllDurableObjects();
  const second = liquidation({ usd_value: 2_000_000 });
  await hub().observe([first, second]);
  await abortAllDurableObjects();
  await hub().observe([second]);
  await until("both", async () => {
    await runDurableObjectAlarm(hub());
    await runDurableObjectAlarm(env.WEBHOOK_OUTBOX.getByName(endpoint.id));
    return (await endpoint.ids()).length >= 2 && (await outboxRows()) === 0;
  });
  expect((await endpoint.ids()).toSorted()).toEqual([first.event_id, second.event_id].toSorted());
});

test("while no endpoint asks, the hub notes nothing", async () => {
  await hubWatch(env, parseConfig({}), Date.now());
  await hub().observe([liquidation({ usd_value: 9e9 })]);
  expect(await outboxRows()).toBe(0);
});

test("ten within a minute are sent, and the next one counts the others, offered again or not", async () => {
  const inbox = await openInbox();
  const courier = openCourier({ target: { format: "standard", url: inbox.url } });
  const burst = Array.from({ length: 14 }, () => largeLiquidation(liquidation({ usd_value: 2e6 }), Date.now()));
  const offer = (events: typeof burst) => courier.inside((inner) => inner.offer(events));
  await offer(burst);
  await offer(burst);
  await courier.later(59_000);
  await offer(burst);
  expect(await courier.inside((inner) => inner.notSent)).toBe(4);
  await courier.later(1_001);
  await offer([...burst, largeLiquidation(liquidation({ usd_value: 3e6 }), Date.now())]);
  await courier.later(0);
  const counts = (await inbox.received()).map(({ body }) => (JSON.parse(body) as { data: { not_sent: number } }).data.not_sent);
  expect(counts).toEqual([...Array.from({ length: 10 }, () => 0), 4]);
  expect(await courier.inside((inner) => inner.notSent)).toBe(0);
});

test("a bad min_usd says what is allowed", async () => {
  const url = "http://127.0.0.1:9/hook";
  const events = ["liquidation.large"];
  const detail = async (body: object) => {
    const answer = await call("POST", "", { url, events, ...body });
    expect(answer.status).toBe(400);
    return (answer.body.errors as { parameter: string; detail: string }[]).map((error) => [error.parameter.split(".")[0], error.detail]);
  };
  const rule = expect.stringContaining("must be USD from 10000 to 1000000000000");
  expect(await detail({})).toEqual([["min_usd", rule]]);
  for (const min_usd of [9_999, "1e6", 1e13, {}, { BTC: 5 }, { BTC: "x" }, { "B-T": 1e6 }, []]) {
    expect(await detail({ min_usd }), JSON.stringify(min_usd)).toEqual([["min_usd", rule]]);
  }
  expect(await detail({ min_usd: 1e6, events: ["signal.issued"] })).toEqual([
    ["min_usd", expect.stringContaining("is for liquidation.large")],
  ]);
  expect(await detail({ min_usd: { BTC: 1e6 }, symbols: ["ETH"] })).toEqual([["min_usd", "names BTC, which symbols does not have"]]);
});

test("min_usd is shown, changed and taken away", async () => {
  const { id } = await openEndpoint({ min_usd: { btc: 1e6 } });
  expect((await call("GET", `/${id}`)).body.data).toMatchObject({ min_usd: { BTC: 1e6 }, not_sent: 0 });
  expect((await call("PATCH", `/${id}`, { min_usd: 20_000 })).body.data).toMatchObject({ min_usd: 20_000 });
  expect(await call("PATCH", `/${id}`, { min_usd: null })).toMatchObject({ status: 400, body: { errors: [{ parameter: "min_usd" }] } });
  expect((await call("PATCH", `/${id}`, { min_usd: null, events: ["signal.issued"] })).body.data).toMatchObject({ min_usd: null });
});
