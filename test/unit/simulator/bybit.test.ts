import { expect, test } from "vitest";
import type { RawClient } from "../../../scripts/simulator/raw-client.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";

const PING = { req_id: "p", op: "ping" };

async function connect(stage: Stage, ...topics: readonly string[]): Promise<RawClient> {
  const client = await stage.connect(`${stage.venues.bybit.urls.ws}/v5/public/linear`);
  if (topics.length > 0) await client.ask({ req_id: "first", op: "subscribe", args: topics }, '"first"');
  return client;
}

function apply(side: Map<string, string>, price: string, size: string): void {
  if (size === "0") side.delete(price);
  else side.set(price, size);
}

test("liquidations of half a second come as one array, with the position's side", async () => {
  const stage = await openStage();
  const client = await connect(stage, "allLiquidation.BTCUSDT");
  stage.venues.bybit.liquidate({ symbol: "BTC", side: "long", usd: 20_000, copies: 2 });
  stage.venues.bybit.liquidate({ symbol: "BTC", side: "short", usd: 30_000 });
  stage.advance(500);
  const frame = (await client.nextJson("allLiquidation")) as { ts: number; data: { S: string; T: number; v: string; p: string }[] };
  expect(frame.data.map((row) => row.S)).toEqual(["Buy", "Buy", "Sell"]);
  expect(frame.data[0]).toEqual(frame.data[1]);
  expect(frame.ts - (frame.data[0]?.T ?? 0)).toBe(500);
  expect(stage.venues.bybit.sent().map((event) => event.position_side)).toEqual(["long", "long", "short"]);
});

test("tickers begin with a snapshot, deltas carry only what changed", async () => {
  const stage = await openStage();
  const client = await connect(stage, "tickers.ETHUSDT");
  const first = (await client.nextJson("tickers.ETHUSDT")) as { type: string; data: Record<string, string> };
  stage.advance(100);
  const second = (await client.nextJson("tickers.ETHUSDT")) as { type: string; data: Record<string, string> };
  expect([first.type, second.type]).toEqual(["snapshot", "delta"]);
  expect(Object.keys(first.data)).toEqual(
    expect.arrayContaining(["markPrice", "indexPrice", "fundingRate", "openInterest", "bid1Price", "ask1Size"]),
  );
  expect(second.data["symbol"]).toBe("ETHUSDT");
  expect(second.data["nextFundingTime"]).toBeUndefined();
  for (const [name, value] of Object.entries(second.data)) if (name !== "symbol") expect(value, name).not.toBe(first.data[name]);
});

test("deltas with rising u turn the first book snapshot into the next one", async () => {
  interface BookFrame {
    readonly type: string;
    readonly data: { readonly b: [string, string][]; readonly a: [string, string][]; readonly u: number };
  }
  const stage = await openStage();
  const client = await connect(stage, "orderbook.200.BTCUSDT");
  const first = (await client.nextJson("orderbook.200")) as BookFrame;
  const bids = new Map(first.data.b);
  const asks = new Map(first.data.a);
  stage.advance(3000);
  await client.ask(PING, "pong");
  const frames = client.takeAll().map((text) => JSON.parse(text) as BookFrame);
  expect(frames.length).toBeGreaterThanOrEqual(30);
  for (const [index, { data }] of frames.entries()) {
    expect(data.u).toBe(first.data.u + index + 1);
    for (const [side, changes] of [[bids, data.b] as const, [asks, data.a] as const]) {
      for (const [price, size] of changes) apply(side, price, size);
    }
  }
  const late = (await (await connect(stage, "orderbook.200.BTCUSDT")).nextJson("orderbook.200")) as BookFrame;
  expect(late.type).toBe("snapshot");
  expect(bids).toEqual(new Map(late.data.b));
  expect(asks).toEqual(new Map(late.data.a));
});

test.each(["liquidation.BTCUSDT", "allLiquidation.NOPEUSDT", "allLiquidation.btcusdt", "orderbook.7.BTCUSDT"])(
  "%s: unknown topic, and the frame subscribes nothing",
  async (topic) => {
    const stage = await openStage();
    const client = await connect(stage);
    const answer = await client.ask({ req_id: "e", op: "subscribe", args: ["allLiquidation.BTCUSDT", topic] }, '"e"');
    expect(JSON.parse(answer)).toMatchObject({ success: false, ret_msg: `error:handler not found,topic:${topic}`, op: "subscribe" });
    stage.venues.bybit.liquidate({ symbol: "BTC", side: "long", usd: 20_000 });
    stage.advance(600);
    await client.ask(PING, "pong");
    expect(client.takeAll()).toEqual([]);
  },
);

test("a topic twice, an unknown operation and too many characters of args are refused", async () => {
  const stage = await openStage();
  const client = await connect(stage, "allLiquidation.BTCUSDT");
  expect(await client.ask({ req_id: "a", op: "subscribe", args: ["allLiquidation.BTCUSDT"] }, '"a"')).toContain(
    "error:already subscribed,topic:allLiquidation.BTCUSDT",
  );
  expect(await client.ask({ req_id: "b", op: "dance" }, '"b"')).toContain("error:invalid op");
  const args = Array.from({ length: 1050 }, () => "allLiquidation.BTCUSDT");
  expect(await client.ask({ req_id: "c", op: "subscribe", args }, '"c"')).toContain("args length");
});

test("the answer to a ping keeps the op ping, and only pings keep a client connected", async () => {
  const stage = await openStage();
  const pinging = await connect(stage, "tickers.BTCUSDT");
  const silent = await connect(stage, "tickers.BTCUSDT");
  stage.advance(40_000);
  expect(JSON.parse(await pinging.ask(PING, "pong"))).toMatchObject({ success: true, ret_msg: "pong", op: "ping", req_id: "p" });
  stage.advance(30_000);
  expect((await silent.closed).code).toBe(1006);
  expect(await pinging.ask(PING, "pong")).toContain('"op":"ping"');
});

test("the instrument table has to be turned page by page", async () => {
  const stage = await openStage();
  const symbols: string[] = [];
  let cursor = "";
  do {
    const url = `${stage.venues.bybit.urls.rest}/v5/market/instruments-info?category=linear&limit=1000&cursor=${cursor}`;
    const page = (await (await fetch(url)).json()) as { result: { list: { symbol: string }[]; nextPageCursor: string } };
    symbols.push(...page.result.list.map((row) => row.symbol));
    cursor = page.result.nextPageCursor;
  } while (cursor !== "");
  expect(symbols).toEqual(expect.arrayContaining(["BTCUSDT", "XRPUSDT", "BTCPERP", "BTCUSDT-25DEC26"]));
  expect(new Set(symbols).size).toBe(symbols.length);
});
