import { expect, test } from "vitest";
import type { RawClient } from "../../../scripts/simulator/raw-client.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";

async function tokenAddress(stage: Stage): Promise<string> {
  const answer = await fetch(`${stage.venues.kucoin.urls.rest}/api/v1/bullet-public`, { method: "POST" });
  const { data } = (await answer.json()) as { data: { token: string; instanceServers: { endpoint: string; pingInterval: number }[] } };
  expect(data.instanceServers[0]?.pingInterval).toBe(18_000);
  return `${data.instanceServers[0]?.endpoint}?token=${encodeURIComponent(data.token)}&connectId=c1`;
}

async function connect(stage: Stage): Promise<RawClient> {
  const client = await stage.connect(await tokenAddress(stage));
  stage.advance(50);
  expect(await client.nextJson("welcome")).toEqual({ id: "c1", type: "welcome" });
  return client;
}

function subscription(id: string, topic: string): object {
  return { id, type: "subscribe", topic, privateChannel: false, response: true };
}

test("a token opens one socket; without one, or with a used one, the client is turned away", async () => {
  const stage = await openStage();
  const address = await tokenAddress(stage);
  await stage.connect(address);
  const again = await stage.connect(address);
  expect(await again.nextJson('"error"')).toMatchObject({ code: 401 });
  expect((await again.closed).code).toBe(1008);
  const bare = await stage.connect(`${stage.venues.kucoin.urls.rest}/`);
  expect((await bare.closed).code).toBe(1008);
});

test("what is sent before the welcome is lost", async () => {
  const stage = await openStage();
  const client = await stage.connect(await tokenAddress(stage));
  client.send(subscription("early", "/contract/instrument:XBTUSDTM"));
  const ponged = client.next((text) => text.includes("pong"));
  await expect.poll(() => stage.venues.kucoin.received().length).toBe(1);
  stage.advance(50);
  client.send({ id: "p", type: "ping" });
  expect((await ponged).text).toContain('"id":"p"');
  stage.advance(2000);
  await client.ask({ id: "q", type: "ping" }, '"q"');
  expect(client.takeAll()).toEqual(['{"id":"c1","type":"welcome"}']);
});

test("known topics are acknowledged, others answered with 404, unknown contracts with an ack and silence", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  expect(JSON.parse(await client.ask(subscription("1", "/contract/instrument:NOPEUSDTM"), '"1"'))).toEqual({ id: "1", type: "ack" });
  expect(JSON.parse(await client.ask(subscription("2", "/contractMarket/liquidation:XBTUSDTM"), '"2"'))).toEqual({
    id: "2",
    type: "error",
    code: 404,
    data: "topic does not exist",
  });
  stage.advance(3000);
  await client.ask({ id: "p", type: "ping" }, "pong");
  expect(client.takeAll()).toEqual([]);
});

test("one topic may name several contracts; times in nanoseconds keep all their digits", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  await client.ask(subscription("1", "/contractMarket/tickerV2:XBTUSDTM,ETHUSDTM"), "ack");
  stage.advance(100);
  const { text } = await client.next((each) => each.includes("tickerV2:XBTUSDTM"));
  expect(text).toMatch(/"ts":\d{13}000000\}/);
  expect((await client.next((each) => each.includes("tickerV2:ETHUSDTM"))).binary).toBe(false);
});

test("mark price, funding and whole books flow", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  await client.ask(subscription("1", "/contract/instrument:XBTUSDTM"), '"1"');
  await client.ask(subscription("2", "/contractMarket/level2Depth50:XBTUSDTM"), '"2"');
  stage.advance(59_950);
  client.send({ id: "p", type: "ping" });
  expect(await client.nextJson("mark.index.price")).toMatchObject({ data: { granularity: 1000, markPrice: expect.any(Number) } });
  expect(await client.nextJson("funding.rate")).toMatchObject({ data: { granularity: 60_000 } });
  const book = (await client.nextJson("level2Depth50")) as { data: { bids: [string, number][] } };
  expect(book.data.bids).toHaveLength(50);
  expect(Number.isInteger(book.data.bids[0]?.[1])).toBe(true);
});

test("a client that sends nothing is closed with 1000 Bye after 60 s, although it is sent data", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  await client.ask(subscription("1", "/contract/instrument:XBTUSDTM"), "ack");
  stage.advance(61_000);
  expect(await client.closed).toEqual({ code: 1000, reason: "Bye" });
});

test("a liquidation shows as one taker order through several levels and less open interest, never as itself", async () => {
  const stage = await openStage({ kucoin: { tradesPerSecond: 0, makerCloseShare: 1, makerCloseSpread: 0 } });
  const classic = await connect(stage);
  await classic.ask(subscription("1", "/contractMarket/execution:XBTUSDTM"), "ack");
  const uta = await stage.connect(stage.venues.kucoin.urls.ws);
  stage.advance(50);
  await uta.ask({ id: "1", action: "SUBSCRIBE", channel: "mark-price", tradeType: "FUTURES", symbol: "XBTUSDTM" }, "result");
  stage.advance(1000);
  const before = (await uta.nextJson("mark-price")) as { d: { oi: string } };
  stage.venues.kucoin.liquidate({ symbol: "BTC", side: "long", usd: 860_000 });
  stage.advance(1000);
  const after = (await uta.nextJson("mark-price")) as { d: { oi: string } };
  await classic.ask({ id: "p", type: "ping" }, "pong");
  const fills = classic
    .takeAll()
    .map((text) => (JSON.parse(text) as { data: { side: string; size: number; price: string; takerOrderId: string } }).data);
  expect(new Set(fills.map((fill) => `${fill.side} ${fill.takerOrderId}`)).size).toBe(1);
  expect(new Set(fills.map((fill) => fill.price)).size).toBeGreaterThan(5);
  expect(fills.reduce((sum, fill) => sum + fill.size, 0)).toBeCloseTo(10_000, -2);
  expect(Number(before.d.oi) - Number(after.d.oi)).toBeGreaterThan(9000);
  expect(stage.venues.kucoin.sent()).toEqual([]);
});

test("ordinary takers trade through one level and through several, and move the open interest both ways", async () => {
  const stage = await openStage({ kucoin: { tradesPerSecond: 5, makerCloseShare: 0.6 } });
  const classic = await connect(stage);
  await classic.ask(subscription("1", "/contractMarket/execution:XBTUSDTM"), "ack");
  const uta = await stage.connect(stage.venues.kucoin.urls.ws);
  stage.advance(50);
  await uta.ask({ id: "1", action: "SUBSCRIBE", channel: "mark-price", tradeType: "FUTURES", symbol: "XBTUSDTM" }, "result");
  stage.advance(59_000);
  await classic.ask({ id: "p", type: "ping" }, "pong");
  await uta.ask({ id: "p", type: "ping" }, "pong");
  const prices = new Map<string, Set<string>>();
  for (const text of classic.takeAll().filter((each) => each.includes('"match"'))) {
    const { takerOrderId, price } = (JSON.parse(text) as { data: { takerOrderId: string; price: string } }).data;
    prices.set(takerOrderId, (prices.get(takerOrderId) ?? new Set()).add(price));
  }
  const levels = [...prices.values()].map((each) => each.size);
  expect(levels.filter((each) => each === 1).length).toBeGreaterThan(100);
  expect(levels.filter((each) => each >= 3).length).toBeGreaterThan(0);
  const marks = uta.takeAll().filter((each) => each.includes("mark-price"));
  const openInterest = marks.map((text) => Number((JSON.parse(text) as { d: { oi: string } }).d.oi));
  const changes = openInterest.slice(1).map((each, index) => each - (openInterest[index] ?? 0));
  expect(changes.filter((each) => each < 0).length).toBeGreaterThan(10);
  expect(changes.filter((each) => each > 0).length).toBeGreaterThan(10);
  expect(stage.venues.kucoin.ledger()).toEqual([]);
});

test("the UTA socket speaks JSON in binary frames on a path of its own, without a token", async () => {
  const stage = await openStage();
  const client = await stage.connect(stage.venues.kucoin.urls.ws);
  stage.advance(50);
  const welcome = await client.next();
  expect(welcome.binary).toBe(true);
  expect(JSON.parse(welcome.text)).toMatchObject({ message: "welcome", pingInterval: 18_000, sessionId: expect.any(String) });
  const request = { action: "SUBSCRIBE", tradeType: "FUTURES", symbol: "ETHUSDTM" };
  expect(await client.ask({ id: "1", channel: "obu", depth: "5", ...request }, '"1"')).toBe('{"id":"1","result":true}');
  expect(await client.ask({ id: "2", channel: "liquidation", ...request }, '"2"')).toContain('"result":false');
  stage.advance(100);
  const book = await client.next((text) => text.includes("obu.FUTURES"));
  expect(book.binary).toBe(true);
  expect(JSON.parse(book.text)).toMatchObject({ dp: "5", d: { s: "ETHUSDTM" } });
  expect(await client.ask({ id: "3", type: "ping" }, '"3"')).toContain('"type":"pong"');
});

test("the contracts name KuCoin's own coin and lot size", async () => {
  const stage = await openStage();
  const body = (await (await fetch(`${stage.venues.kucoin.urls.rest}/api/v1/contracts/active`)).json()) as { data: object[] };
  expect(body.data[0]).toMatchObject({ symbol: "XBTUSDTM", baseCurrency: "XBT", multiplier: 0.001, type: "FFWCSX", status: "Open" });
});
