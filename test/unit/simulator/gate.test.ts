import { expect, test } from "vitest";
import type { RawClient } from "../../../scripts/simulator/raw-client.ts";
import { type Stage, openStage } from "./stage.ts";

const DECIMALS = { "X-Gate-Size-Decimal": "1" };
const LIQUIDATIONS = "futures.public_liquidates";

interface LiquidationFrame {
  readonly result: readonly { readonly size: string | number; readonly contract: string }[];
}

const connect = (stage: Stage, headers: Record<string, string> = DECIMALS): Promise<RawClient> =>
  stage.connect(`${stage.venues.gate.urls.ws}/v4/ws/usdt`, { headers });

const request = (stage: Stage, more: object) => ({ time: Math.floor(stage.now() / 1000), event: "subscribe", ...more });

const subscribe = (stage: Stage, client: RawClient) =>
  client.ask(request(stage, { channel: LIQUIDATIONS, payload: ["!all"] }), '"success"');

test("sizes have decimals where the upgrade asked for them, and else their fractions are cut off", async () => {
  const stage = await openStage();
  const [exact, cut] = [await connect(stage), await connect(stage, {})];
  for (const client of [exact, cut]) await subscribe(stage, client);
  stage.venues.gate.liquidate({ symbol: "ETH", side: "long", usd: 12_345 });
  stage.advance(1000);
  const [one, other] = [(await exact.nextJson('"update"')) as LiquidationFrame, (await cut.nextJson('"update"')) as LiquidationFrame];
  const size = String(one.result[0]?.size);
  expect(size).toMatch(/^-\d+\.\d$/);
  expect(other.result[0]?.size).toBe(Math.trunc(Number(size)));
});

test("orders of a second come in one array, and twenty at once", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  await subscribe(stage, client);
  stage.advance(10);
  for (let index = 0; index < 23; index += 1) stage.venues.gate.liquidate({ symbol: "BTC", side: "short", usd: 5000 });
  stage.advance(1000);
  const sizes = [await client.nextJson('"update"'), await client.nextJson('"update"')].map(
    (frame) => (frame as LiquidationFrame).result.length,
  );
  expect(sizes).toEqual([20, 3]);
});

test("a request without the right time or of an unknown contract is refused, and a client without pings is cut", async () => {
  const stage = await openStage();
  const client = await connect(stage);
  expect(await client.ask({ time: 0, event: "subscribe", channel: LIQUIDATIONS, payload: ["!all"] }, '"fail"')).toContain("time");
  const tickers = request(stage, { id: 7, channel: "futures.tickers", payload: ["BTC_USDT", "NOPE_USDT"] });
  expect(await client.ask(tickers, '"fail"')).toMatch(/"id":7.*unknown contract NOPE_USDT/);
  stage.advance(18_000);
  await client.ask({ ...request(stage, {}), channel: "futures.ping" }, "futures.pong");
  stage.advance(18_000);
  expect(stage.venues.gate.connections()).toBe(1);
  stage.advance(5000);
  expect((await client.closed).code).toBe(1006);
});
