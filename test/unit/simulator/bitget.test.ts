import { expect, test } from "vitest";
import { openStage } from "./stage.ts";

const arg = (more: object) => ({ instType: "usdt-futures", ...more });

interface LiquidationFrame {
  readonly data: readonly Record<"amount" | "price" | "side" | "symbol", string>[];
}

test("of a contract, side and second only the largest is published, and its amount is USDT", async () => {
  const stage = await openStage({ bitget: { lateShare: 0 } });
  const client = await stage.connect(`${stage.venues.bitget.urls.ws}/v3/ws/public`);
  await client.ask({ op: "subscribe", args: [arg({ topic: "liquidation" })] }, '"event":"subscribe"');
  for (const [side, usd] of [
    ["long", 20_000],
    ["long", 50_000],
    ["short", 8000],
  ] as const) {
    stage.venues.bitget.liquidate({ symbol: "BTC", side, usd });
  }
  stage.advance(1200);
  const { data } = (await client.nextJson('"update"')) as LiquidationFrame;
  expect(data.map(({ side, symbol }) => `${symbol} ${side}`).toSorted()).toEqual(["BTCUSDT buy", "BTCUSDT sell"]);
  const long = data.find(({ side }) => side === "buy");
  const event = stage.venues.bitget.sent().find((one) => one.position_side === "long");
  expect(Number(long?.amount) / Number(long?.price)).toBeCloseTo(event?.quantity ?? 0, 9);
  expect((event?.quantity ?? 0) * 86_000).toBeGreaterThan(45_000);
});

test("an unknown symbol is refused by itself, and a client that sends more than ten messages a second is closed", async () => {
  const stage = await openStage();
  const client = await stage.connect(`${stage.venues.bitget.urls.ws}/v3/ws/public`);
  client.send({ op: "subscribe", args: [arg({ topic: "ticker", symbol: "NOPEUSDT" }), arg({ topic: "ticker", symbol: "BTCUSDT" })] });
  expect(await client.nextJson('"event":"error"')).toMatchObject({ code: "30001", arg: { symbol: "NOPEUSDT" } });
  expect(await client.nextJson('"event":"subscribe"')).toMatchObject({ arg: { symbol: "BTCUSDT" } });
  for (let index = 0; index < 12; index += 1) client.send("ping");
  expect((await client.closed).code).toBe(1008);
});
