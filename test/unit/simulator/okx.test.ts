import { expect, test } from "vitest";
import type { RawClient } from "../../../scripts/simulator/raw-client.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";

const SWAPS = { channel: "liquidation-orders", instType: "SWAP" };

interface LiquidationFrame {
  readonly data: readonly { readonly instId: string; readonly details: readonly Record<string, string>[] }[];
}

async function connect(stage: Stage): Promise<RawClient> {
  return stage.connect(`${stage.venues.okx.urls.ws}/ws/v5/public`);
}

async function subscribe(client: RawClient, arg: object): Promise<void> {
  await client.ask({ id: "s", op: "subscribe", args: [arg] }, '"event":"subscribe"');
}

test("each arg has its own ack with the connection's id, a bad one an error of its own", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  const mark = { channel: "mark-price", instId: "BTC-USDT-SWAP" };
  client.send({ id: "7", op: "subscribe", args: [SWAPS, { channel: "liquidations", instType: "SWAP" }, mark] });
  const answers = [await client.nextJson('"event"'), await client.nextJson('"event"'), await client.nextJson('"event"')];
  expect(answers).toMatchObject([
    { id: "7", event: "subscribe", arg: SWAPS, connId: expect.any(String) },
    { id: "7", event: "error", code: "60018", msg: expect.stringContaining("doesn't exist") },
    { id: "7", event: "subscribe", arg: mark },
  ]);
});

test("what is no request is answered with 60012", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  expect(await client.ask("{not json", '"error"')).toContain('"code":"60012"');
  expect(await client.ask({ op: "dance", args: [] }, '"error"')).toContain('"code":"60012"');
});

test("sizes are contracts and the ledger holds coins", async () => {
  const stage = await openStage({ okx: { lateShare: 0 } });
  const client = await connect(stage);
  await subscribe(client, SWAPS);
  stage.venues.okx.liquidate({ symbol: "ETH", side: "short", usd: 40_000 });
  stage.advance(1000);
  const frame = (await client.nextJson('"details"')) as LiquidationFrame;
  const detail = frame.data[0]?.details[0];
  const [event] = stage.venues.okx.sent();
  expect(frame.data[0]?.instId).toBe("ETH-USDT-SWAP");
  expect(detail?.["side"]).toBe("buy");
  expect(Number(detail?.["sz"]) * 0.1).toBeCloseTo(event?.quantity ?? 0, 9);
  expect((event?.quantity ?? 0) * Number(detail?.["bkPx"])).toBeCloseTo(40_000, -2);
});

test("a new subscriber is first shown the last liquidations again", async () => {
  const stage = await openStage({ okx: { lateShare: 0, repeatShare: 0, replayed: 2 } });
  const first = await connect(stage);
  await subscribe(first, SWAPS);
  for (const usd of [1000, 2000, 3000]) {
    stage.venues.okx.liquidate({ symbol: "SOL", side: "long", usd });
    stage.advance(1000);
  }
  const second = await connect(stage);
  await subscribe(second, SWAPS);
  const frame = (await second.nextJson('"details"')) as LiquidationFrame;
  expect(frame.data.flatMap((group) => group.details)).toHaveLength(2);
  expect(stage.venues.okx.sent().map((event) => event.times_sent)).toEqual([1, 2, 2]);
});

test("rows of one moment arrive out of order, and late ones after minutes", async () => {
  const stage = await openStage({ okx: { lateShare: 0.3, lateMs: 120_000, repeatShare: 0 } });
  const client = await connect(stage);
  await subscribe(client, SWAPS);
  const started = stage.now();
  for (let index = 0; index < 40; index += 1) {
    stage.venues.okx.liquidate({ symbol: "BTC", side: "long", usd: 5000 + index });
    stage.advance(10);
  }
  stage.advance(20_000);
  await client.ask("ping", "pong");
  const timesOf = (texts: readonly string[]) =>
    texts.flatMap((text) =>
      (JSON.parse(text) as LiquidationFrame).data.flatMap(({ details }) => details.map((row) => Number(row["ts"]) - started)),
    );
  const times = timesOf(client.takeAll());
  expect(times).not.toEqual(times.toSorted((left, right) => left - right));
  expect(times.length).toBeLessThan(40);
  expect(stage.venues.okx.waiting()).toBe(40 - times.length);
  for (let round = 0; round < 5; round += 1) {
    await client.ask("ping", "pong");
    stage.advance(25_000);
  }
  await client.ask("ping", "pong");
  expect(stage.venues.okx.sent()).toHaveLength(40);
  expect(stage.venues.okx.waiting()).toBe(0);
});

test("the text pong answers the text ping; without it a client is closed after 30 s, however much it is sent", async () => {
  const stage = await openStage();
  const pinging = await connect(stage);
  const silent = await connect(stage);
  await subscribe(silent, { channel: "mark-price", instId: "BTC-USDT-SWAP" });
  stage.advance(20_000);
  expect(await pinging.ask("ping", "pong")).toBe("pong");
  stage.advance(15_000);
  expect((await silent.closed).code).toBe(4004);
  expect(await pinging.ask("ping", "pong")).toBe("pong");
});

test("market channels begin with their state and go on", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  for (const channel of ["mark-price", "funding-rate", "open-interest", "books5"])
    await subscribe(client, { channel, instId: "BTC-USDT-SWAP" });
  await subscribe(client, { channel: "index-tickers", instId: "BTC-USDT" });
  expect(await client.nextJson('"channel":"mark-price","instId":"BTC-USDT-SWAP"},"data"')).toMatchObject({ data: [{ markPx: "86000.0" }] });
  expect(await client.nextJson('"fundingRate"')).toMatchObject({ data: [{ fundingRate: "0.00010000" }] });
  expect(await client.nextJson('"oiCcy"')).toMatchObject({ data: [{ oi: "5200000.00", oiCcy: "52000.000" }] });
  expect(await client.nextJson('"idxPx"')).toMatchObject({ arg: { instId: "BTC-USDT" } });
  const book = (await client.nextJson('"asks"')) as { data: { asks: string[][]; bids: string[][] }[] };
  expect(book.data[0]?.asks).toHaveLength(5);
});

test("the notice of a service upgrade reaches every client on demand", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  stage.venues.okx.send(JSON.stringify({ event: "notice", code: "64008", msg: "The connection will soon be closed", connId: "x" }));
  expect(await client.nextJson("64008")).toMatchObject({ event: "notice", code: "64008" });
});

test("REST history pages back through everything, sent or not, newest first", async () => {
  const stage = await openStage();
  for (let index = 0; index < 130; index += 1) {
    stage.venues.okx.liquidate({ symbol: "BTC", side: "long", usd: 5000 });
    stage.advance(10);
  }
  const url = `${stage.venues.okx.urls.rest}/api/v5/public/liquidation-orders?instType=SWAP&uly=BTC-USDT&state=filled`;
  const page = async (after: string) => {
    const body = (await (await fetch(url + after)).json()) as LiquidationFrame;
    return body.data.flatMap((group) => group.details.map((row) => Number(row["ts"])));
  };
  const newest = await page("");
  const rest = await page(`&after=${newest.at(-1)}`);
  expect([newest.length, rest.length]).toEqual([100, 30]);
  expect([...newest, ...rest]).toEqual([...newest, ...rest].toSorted((left, right) => right - left));
  expect(stage.venues.okx.sent()).toEqual([]);
  expect(stage.venues.okx.ledger().every((event) => event.in_history)).toBe(true);
});
