import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Liquidation } from "../../../src/liquidation.ts";
import { WEBHOOK_EVENTS } from "../../../workers/api/schemas/webhook-event.ts";
import { apiClient } from "../api/api-client.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { openInbox } from "./webhook-inbox.ts";

const TOKEN = "s3cret-s3cret-s3cret-s3cret-s3cret";
const hub = () => env.MARKET_HUB.getByName("hub");

async function call(key: string, method: string, path: string, body?: object) {
  const init = { method, headers: { Authorization: `Bearer ${key}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return apiClient(Date.now(), { ADMIN_TOKEN: TOKEN })(`/v1/${path}`, init);
}

function liquidation(changes: Partial<Liquidation>): Liquidation {
  const now = Date.now();
  return sampleLiquidation({ event_id: `binance:rule:${crypto.randomUUID()}`, event_time: now - 50, received_time: now, ...changes });
}

const happenings = async () => (await env.DB.prepare("SELECT count(*) AS events FROM rule_events").first<number>("events")) ?? 0;

test("what a rule finds in the hub reaches the endpoints of its owner and nobody else's, until its key is revoked", async () => {
  const made = await call(TOKEN, "POST", "keys", { name: "rules", scopes: ["webhooks", "rules"] });
  const { key, key_id: id } = made.body.data as { key: string; key_id: string };
  const [own, others] = [await openInbox(), await openInbox()];
  await call(key, "POST", "webhooks", { url: own.url, events: ["rule.fired"] });
  await call(TOKEN, "POST", "webhooks", { url: others.url, events: ["rule.fired"] });
  const rule = { name: "Large ones", rule: "usd_value >= 1_000_000 and cum_usd_1m > 0 cooldown 0s", symbols: ["BTC"] };
  expect((await call(key, "POST", "rules", rule)).status).toBe(201);

  await hub().observe([
    liquidation({ usd_value: 999_999 }),
    liquidation({ usd_value: 2e6 }),
    liquidation({ symbol: "ETH", usd_value: 3e6 }),
  ]);
  await until("the rule fired", async () => (await own.received()).length > 0);
  const [first] = await own.received();
  const { type, data } = JSON.parse(first?.body ?? "{}") as { type: "rule.fired"; data: object };
  expect({ type, data }).toMatchObject({ type: "rule.fired", data: { ...RULE_DATA, owner: id, values: { usd_value: 2e6 } } });
  expect(WEBHOOK_EVENTS["rule.fired"].data.parse(data)).toEqual(data);
  expect(await happenings()).toBe(1);
  expect(await others.received(), "not even an admin's endpoint").toEqual([]);

  await call(TOKEN, "DELETE", `keys/${id}`);
  await hub().observe([liquidation({ usd_value: 4e6 })]);
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  expect(await happenings()).toBe(1);
});

const RULE_DATA = { name: "Large ones", symbol: "BTC", not_sent: 0, liquidation_id: expect.stringContaining("binance:rule:") };
