import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { AdlContract } from "../../../src/adl/adl-state.ts";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { adlStatus } from "../../../workers/api/schemas/adl.ts";
import { WEBHOOK_EVENTS } from "../../../workers/api/schemas/webhook-event.ts";
import { apiClient } from "../api/api-client.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { openClient } from "../stream/stream-client.ts";
import { openInbox } from "../webhooks/webhook-inbox.ts";
import { openFeed, type TestFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";

const TOKEN = "s3cret-s3cret-s3cret-s3cret-s3cret";
const VENUES = ["okx", "bitfinex", "aster", "bybit"] as const satisfies readonly ExchangeName[];
const SCRIPT = {
  startAfterMs: 0,
  symbol: "ETH",
  side: "long",
  venues: [{ exchange: "okx", delayMs: 0 }],
  usd: 100_000,
  durationMs: 4_000,
  movePct: 2,
  eventsPerVenue: 2,
} as const;

/** 45 s of long liquidations, the mark 3 % down. */
function flow(): readonly Liquidation[] {
  const now = Date.now();
  return Array.from({ length: 90 }, (_, n) => {
    const time = now - 45_000 + n * 500;
    const mark = 2_700 * (1 - (0.03 * n) / 90);
    const event = { event_id: `bybit:${n}`, exchange: "bybit", symbol: "ETH", event_time: time, received_time: time + 50 } as const;
    return sampleLiquidation({ ...event, usd_value: 40_000, mark_price: mark, volatility_5m: 0.001 });
  });
}

async function openEndpoint() {
  const inbox = await openInbox();
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const body = JSON.stringify({ url: inbox.url, events: ["adl.warning"], symbols: ["ETH"] });
  const created = await apiClient(Date.now(), { ADMIN_TOKEN: TOKEN })("/v1/webhooks", { method: "POST", headers, body });
  expect(created.status).toBe(201);
  return async () => (await inbox.received()).map(({ body: text }) => JSON.parse(text) as { type: string; data: Record<string, unknown> });
}

test("what venues publish of auto-deleveraging comes to the status, the stream, the record of the cascade and the webhook", async () => {
  const received = await openEndpoint();
  const client = await openClient("?channels=feed&exchange=okx");
  const venues = await ownVenues();
  const variables = { ...venues.variables, LIQUIDATION_SYMBOLS: "ETH" };
  const feeds = new Map<ExchangeName, TestFeed>();
  for (const exchange of VENUES) feeds.set(exchange, await openFeed({ exchange, variables }));
  const statusOf = async (exchange: ExchangeName) => (await feeds.get(exchange)?.status()) ?? expect.unreachable();
  const told = async (exchange: ExchangeName): Promise<AdlContract | undefined> => (await statusOf(exchange)).adl_state?.contracts[0];
  await until("each has said something", async () => {
    const contracts = await Promise.all((["okx", "bitfinex", "aster"] as const).map(told));
    return contracts.every((contract) => contract !== undefined);
  });
  expect(await told("okx")).toMatchObject({ symbol: "ETH", instrument: "ETH-USDT-SWAP", state: "normal", insurance_fund_currency: "USDT" });
  expect(await told("bitfinex")).toMatchObject({ instrument: "tETHF0:USTF0", state: null, since: null, insurance_fund_currency: null });
  expect(await told("aster")).toMatchObject({ instrument: "ETHUSDT", state: "normal", insurance_fund: null });
  expect((await statusOf("bybit")).adl_state, "a venue that does not tell").toBeNull();
  const fundBefore = (await told("bitfinex"))?.insurance_fund ?? expect.unreachable();

  // A warning that cannot be read is counted, and stops none behind it.
  const rejects = (await statusOf("okx")).rejects;
  await venues.send(
    "okx",
    JSON.stringify({ arg: { channel: "adl-warning", instType: "SWAP" }, data: [{ instFamily: "ETH-USDT", state: "?" }] }),
  );
  await venues.cascade(SCRIPT);
  await until("both deleverage", async () => (await told("okx"))?.state === "adl" && (await told("aster"))?.state === "adl");
  await until("the fund has paid", async () => ((await told("bitfinex"))?.insurance_fund ?? fundBefore) < fundBefore);
  expect((await statusOf("okx")).rejects).toBe(rejects + 1);
  for (const feed of feeds.values()) await feed.beat();

  const feedStatuses = () => Promise.all(VENUES.map(async (exchange) => ({ exchange, status: await statusOf(exchange), error: null })));
  const ask = apiClient(Date.now(), { LIQUIDATION_EXCHANGES: VENUES.join(",") }, feedStatuses);
  const { body } = await ask("/v1/status");
  const shown = body.data.exchanges.filter(({ exchange }: { exchange: ExchangeName }) => VENUES.some((name) => name === exchange));
  expect(
    Object.fromEntries(
      shown.map((feed: { exchange: string; adl_state: { source: string } | null }) => [feed.exchange, feed.adl_state?.source]),
    ),
  ).toEqual({ okx: "states", bitfinex: "insurance_fund", aster: "trade_flags", bybit: undefined });
  for (const { adl_state: state } of shown) expect(adlStatus.nullable().parse(state)).toEqual(state);

  await until("the warnings", async () => {
    const events = await received();
    return ["okx", "aster"].every((name) => events.some(({ data }) => data["exchange"] === name && data["state"] === "adl"));
  });
  for (const { type, data } of await received()) {
    expect(type).toBe("adl.warning");
    expect(WEBHOOK_EVENTS["adl.warning"].data.parse(data)).toEqual(data);
  }
  await until("the frame", async () =>
    client.of("feed").some(({ data }) => data.adl_state.contracts.some(({ state }: AdlContract) => state === "adl")),
  );

  const hub = env.MARKET_HUB.getByName("hub");
  await hub.observe(flow());
  await until("the cascade in D1", async () => {
    await runDurableObjectAlarm(hub);
    return (await ask("/v1/cascades?threshold_usd=0")).body.data.length === 1;
  });
  const [{ adl_states: states }] = (await ask("/v1/cascades?threshold_usd=0")).body.data;
  const byVenue = Object.fromEntries(states.map((one: { exchange: string }) => [one.exchange, one]));
  expect(byVenue["okx"]).toMatchObject({ instrument: "ETH-USDT-SWAP", state: "adl", insurance_fund_currency: "USDT" });
  expect(byVenue["aster"]).toMatchObject({ state: "adl", insurance_fund_start: null });
  expect(byVenue["bitfinex"]).toMatchObject({ state: null, insurance_fund_start: fundBefore });
  expect(byVenue["bitfinex"].insurance_fund_min).toBeLessThan(fundBefore);
  expect(byVenue["bybit"]).toBeUndefined();
  client.close();
});
