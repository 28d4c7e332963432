import { expect, test } from "vitest";
import { openStage } from "./stage.ts";

const LIST = { method: "LIST_SUBSCRIPTIONS", id: 99 };
const longs = { symbol: "BTC", side: "long", usd: 50_000 } as const;

test("the market route delivers liquidations and mark prices, the public route books", async () => {
  const stage = await openStage();
  const { ws } = stage.venues.binance.urls;
  const market = await stage.connect(`${ws}/market/stream?streams=btcusdt@forceOrder/btcusdt@markPrice@1s`);
  const book = await stage.connect(`${ws}/public/stream?streams=btcusdt@bookTicker/btcusdt@depth20@500ms`);
  stage.venues.binance.liquidate(longs);
  stage.advance(1000);
  expect(await market.nextJson("markPriceUpdate")).toMatchObject({ stream: "btcusdt@markPrice@1s", data: { s: "BTCUSDT", st: 1 } });
  expect(await market.nextJson("forceOrder")).toMatchObject({
    stream: "btcusdt@forceOrder",
    data: { o: { s: "BTCUSDT", S: "SELL", X: "FILLED", st: 1 } },
  });
  expect(await book.nextJson("bookTicker")).toMatchObject({ data: { s: "BTCUSDT" } });
  const depth = (await book.nextJson("depthUpdate")) as { data: { b: string[][]; a: string[][] } };
  expect([depth.data.b.length, depth.data.a.length]).toEqual([20, 20]);
  expect(Number(depth.data.b[0]?.[0])).toBeLessThan(Number(depth.data.a[0]?.[0]));
});

test.each([
  ["unrouted /stream", "/stream?streams=btcusdt@forceOrder/btcusdt@markPrice@1s"],
  ["unrouted /ws", "/ws/btcusdt@forceOrder/btcusdt@markPrice@1s"],
  ["public route", "/public/stream?streams=btcusdt@forceOrder/btcusdt@markPrice@1s"],
])("%s: market streams are acknowledged and stay silent", async (_name, path) => {
  const stage = await openStage();
  const client = await stage.connect(stage.venues.binance.urls.ws + path);
  expect(await client.ask({ method: "SUBSCRIBE", params: ["ethusdt@forceOrder"], id: 1 }, '"id":1')).toBe('{"result":null,"id":1}');
  stage.venues.binance.liquidate(longs);
  stage.advance(5000);
  expect(await client.ask(LIST, '"id":99')).toContain("btcusdt@forceOrder");
  expect(client.takeAll()).toEqual([]);
  expect(stage.venues.binance.sent()).toEqual([]);
  expect(stage.venues.binance.ledger()).toHaveLength(1);
});

test("the unrouted address still delivers book streams, bare on /ws", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.binance.urls.ws}/ws`);
  await client.ask({ method: "SUBSCRIBE", params: ["btcusdt@bookTicker"], id: 1 }, '"id":1');
  stage.advance(200);
  expect(await client.nextJson("bookTicker")).toMatchObject({ e: "bookTicker", s: "BTCUSDT" });
});

test("of a second's liquidations of a symbol only the largest is pushed, a second after the first", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.binance.urls.ws}/market/ws/!forceOrder@arr`);
  const started = stage.now();
  for (const usd of [20_000, 90_000, 40_000]) {
    stage.venues.binance.liquidate({ symbol: "BTC", side: "short", usd });
    stage.advance(100);
  }
  stage.venues.binance.liquidate({ symbol: "ETH", side: "long", usd: 1000 });
  stage.advance(2000);
  await client.ask(LIST, '"id":99');
  const frames = client
    .takeAll()
    .map((text) => JSON.parse(text) as { E: number; o: { s: string; S: string; T: number; z: string; ap: string } });
  expect(frames.map(({ o }) => [o.s, o.S, o.T - started])).toEqual([
    ["BTCUSDT", "BUY", 100],
    ["ETHUSDT", "SELL", 300],
  ]);
  expect(frames[0]?.E).toBe(started + 1000);
  expect(Number(frames[0]?.o.z) * Number(frames[0]?.o.ap)).toBeCloseTo(90_000, -3);
  expect(stage.venues.binance.sent().map((event) => event.instrument)).toEqual(["BTCUSDT", "ETHUSDT"]);
});

test("more than ten messages in a second end the connection", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.binance.urls.ws}/market/ws`);
  for (let id = 1; id <= 10; id += 1) client.send({ method: "LIST_SUBSCRIPTIONS", id });
  await client.next((text) => text.includes('"id":10'));
  client.send(LIST);
  expect((await client.closed).code).toBe(1008);
});

test("1024 streams are taken, one more is refused", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.binance.urls.ws}/market/ws`);
  const streams = Array.from({ length: 1024 }, (_, index) => `x${index}usdt@forceOrder`);
  expect(await client.ask({ method: "SUBSCRIBE", params: streams, id: 1 }, '"id":1')).toContain('"result":null');
  expect(await client.ask({ method: "SUBSCRIBE", params: ["btcusdt@forceOrder"], id: 2 }, '"id":2')).toContain("too many streams");
});

test("a client that answers no ping frame is cut, one that does stays", async () => {
  const stage = await openStage({ binance: { pingMs: 1000, pongTimeoutMs: 2000 } });
  const mute = await stage.connect(`${stage.venues.binance.urls.ws}/market/ws`, { autoPong: false });
  stage.advance(2000);
  expect(stage.venues.binance.connections()).toBe(1);
  stage.advance(1000);
  expect((await mute.closed).code).toBe(1006);
});

test("exchangeInfo lists perpetuals and a dated contract", async () => {
  const stage = await openStage();
  const answer = await fetch(`${stage.venues.binance.urls.rest}/fapi/v1/exchangeInfo`);
  const { symbols } = (await answer.json()) as { symbols: { symbol: string; contractType: string }[] };
  expect(symbols.map((row) => `${row.symbol} ${row.contractType}`)).toEqual(
    expect.arrayContaining(["BTCUSDT PERPETUAL", "SOLUSDT PERPETUAL", "BTCUSDT_261225 CURRENT_QUARTER"]),
  );
});
